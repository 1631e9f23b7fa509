namespace Llama2.Training.Objectives;

/// <summary>The parts of a run whose time is measured.</summary>
internal enum RunPart
{
    Step,
    Evaluation,
    Checkpoint,

    /// <summary>The work of the receiver of progress after most steps.</summary>
    Report,

    /// <summary>The work of the receiver of progress when an evaluation is due, for example letting the model answer prompts.</summary>
    EvaluationReport,
}
