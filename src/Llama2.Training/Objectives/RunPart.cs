namespace Llama2.Training.Objectives;

/// <summary>The parts of a run whose time is measured.</summary>
internal enum RunPart
{
    Step,
    Evaluation,
    Checkpoint,

    /// <summary>What the receiver of progress does after most steps.</summary>
    Report,

    /// <summary>What the receiver of progress does where an evaluation is due, for example letting the model answer prompts.</summary>
    EvaluationReport,
}
