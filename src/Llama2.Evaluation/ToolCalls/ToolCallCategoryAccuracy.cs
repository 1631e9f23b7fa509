namespace Llama2.Evaluation;

/// <summary>The accuracy in one category.</summary>
/// <param name="Name">The category.</param>
/// <param name="CorrectCount">The number of examples whose calls are the expected ones.</param>
/// <param name="TotalCount">The number of examples, 1 or more.</param>
public sealed record ToolCallCategoryAccuracy(string Name, int CorrectCount, int TotalCount)
{
    /// <summary>The fraction of correct examples, 0 to 1.</summary>
    public double Value => (double)CorrectCount / TotalCount;
}
