namespace Llama2.Conversion;

/// <summary>Receives each row of a tensor after it was encoded, and may change its codes. Called by several threads at once, with different rows.</summary>
internal interface IRowRounding
{
    /// <summary>Receives a row.</summary>
    /// <param name="row">The index of the row in its tensor.</param>
    /// <param name="weights">The weights that were encoded.</param>
    /// <param name="encoded">The encoded row. Its codes may be replaced by other codes.</param>
    void Round(long row, ReadOnlySpan<float> weights, Span<byte> encoded);
}
