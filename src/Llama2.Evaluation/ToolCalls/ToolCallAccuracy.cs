namespace Llama2.Evaluation;

/// <summary>The fraction of examples whose calls are the expected ones, in each category and over all examples. Immutable.</summary>
public sealed class ToolCallAccuracy
{
    private ToolCallAccuracy(IReadOnlyList<ToolCallCategoryAccuracy> categories) => Categories = categories;

    /// <summary>The categories, in the order in which they first occurred.</summary>
    public IReadOnlyList<ToolCallCategoryAccuracy> Categories { get; }

    /// <summary>The number of examples.</summary>
    public int TotalCount => Categories.Sum(category => category.TotalCount);

    /// <summary>The number of examples whose calls are the expected ones.</summary>
    public int CorrectCount => Categories.Sum(category => category.CorrectCount);

    /// <summary>
    /// The fraction of correct examples among all examples, so that large categories have more weight; 0 to 1, and 0 without examples. The
    /// leaderboard uses this figure for live data.
    /// </summary>
    public double Value => TotalCount == 0 ? 0 : (double)CorrectCount / TotalCount;

    /// <summary>
    /// The mean of the fractions of correct examples in the categories, 0 to 1, and 0 without examples. The leaderboard uses this figure for data
    /// that is not live.
    /// </summary>
    public double CategoryMean => Categories.Count == 0 ? 0 : Categories.Average(category => category.Value);

    /// <summary>Counts results.</summary>
    /// <param name="results">The results.</param>
    public static ToolCallAccuracy Of(IEnumerable<ToolCallResult> results)
    {
        ArgumentNullException.ThrowIfNull(results);
        return new ToolCallAccuracy(
            [.. results.GroupBy(result => result.Example.Category).Select(
                group => new ToolCallCategoryAccuracy(group.Key, group.Count(result => result.Verdict.IsCorrect), group.Count()))]);
    }
}
