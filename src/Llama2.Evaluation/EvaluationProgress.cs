namespace Llama2.Evaluation;

/// <summary>How far an evaluation is.</summary>
/// <param name="CompletedCount">Windows or samples that are done.</param>
/// <param name="TotalCount">Windows or samples there are; 1 or more.</param>
/// <param name="Value">The figure so far, such as the perplexity of what is done.</param>
public readonly record struct EvaluationProgress(int CompletedCount, int TotalCount, double Value)
{
    /// <summary>What is done, 0 to 1.</summary>
    public double Fraction => (double)CompletedCount / TotalCount;
}
