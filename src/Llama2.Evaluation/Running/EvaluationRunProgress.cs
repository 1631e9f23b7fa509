namespace Llama2.Evaluation;

/// <summary>The progress of a run over one or more tasks.</summary>
/// <param name="TaskName">The task of the example that was finished last.</param>
/// <param name="CompletedCount">The number of finished examples of all tasks.</param>
/// <param name="TotalCount">The number of examples of all tasks.</param>
/// <param name="StoredResponseCount">The number of responses that were taken from the journal so far.</param>
public readonly record struct EvaluationRunProgress(string TaskName, int CompletedCount, int TotalCount, int StoredResponseCount)
{
    /// <summary>The finished fraction, 0 to 1.</summary>
    public double Fraction => TotalCount == 0 ? 1 : (double)CompletedCount / TotalCount;
}
