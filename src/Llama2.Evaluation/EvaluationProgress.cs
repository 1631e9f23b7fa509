namespace Llama2.Evaluation;

/// <summary>The progress of an evaluation.</summary>
/// <param name="CompletedCount">The number of finished windows or samples.</param>
/// <param name="TotalCount">The total number of windows or samples, 1 or more.</param>
/// <param name="Value">The result so far, such as the perplexity of the finished part.</param>
public readonly record struct EvaluationProgress(int CompletedCount, int TotalCount, double Value)
{
    /// <summary>The finished fraction, 0 to 1.</summary>
    public double Fraction => (double)CompletedCount / TotalCount;
}
