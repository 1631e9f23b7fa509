namespace Llama2.Formats;

/// <summary>An entry of an importance matrix: what the columns of one weight matrix were multiplied with.</summary>
/// <param name="Name">The weight matrix.</param>
/// <param name="Sums">For each column the sum of its squared activations; finite, 0 or more.</param>
/// <param name="Count">How many activations the sums are of; finite, 0 or more.</param>
internal sealed record ColumnSquares(string Name, float[] Sums, float Count)
{
    /// <summary>Mean squares; all 1 where nothing was counted.</summary>
    public float[] Means() => [.. Sums.Select(sum => Count > 0 ? sum / Count : 1)];
}
