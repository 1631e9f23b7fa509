namespace Llama2.Formats;

/// <summary>An entry of an importance matrix: statistics of the activations with which the columns of a weight matrix were multiplied.</summary>
/// <param name="Name">The name of the weight matrix.</param>
/// <param name="Sums">The sum of squared activations for each column; finite, 0 or more.</param>
/// <param name="Count">The number of activations that were summed; finite, 0 or more.</param>
internal sealed record ColumnSquares(string Name, float[] Sums, float Count)
{
    /// <summary>The mean of the squared activations for each column; 1 for every column if no activations were summed.</summary>
    public float[] Means() => [.. Sums.Select(sum => Count > 0 ? sum / Count : 1)];
}
