namespace Llama2.Evaluation;

/// <summary>The fraction of examples whose calls are the expected ones, of each category and of all. Immutable.</summary>
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
    /// The fraction of all examples, in which large categories have more weight; 0 to 1, and 0 without examples. The leaderboard uses it for live data.
    /// </summary>
    public double Value => TotalCount == 0 ? 0 : (double)CorrectCount / TotalCount;

    /// <summary>The mean of the categories' fractions, 0 to 1, and 0 without examples. The leaderboard uses it for data that is not live.</summary>
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
