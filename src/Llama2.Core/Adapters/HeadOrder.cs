
namespace Llama2.Adapters;

/// <summary>
/// The order of the rows of queries and keys. The rotary embedding turns pairs of rows: Hugging Face has the first of all pairs of a head,
/// then the second of all; GGUF has the two of each pair side by side.
/// </summary>
internal static class HeadOrder
{
    /// <summary>Puts the rows of B into GGUF's order, where they belong to queries or keys and are in the other one.</summary>
    public static T[] Apply<T>(AdapterPair pair, T[] rows, ModelConfiguration configuration)
    {
        int headCount = !pair.IsPeft ? 0
            : pair.BaseName.EndsWith(".attn_q.weight", StringComparison.Ordinal) ? configuration.HeadCount
            : pair.BaseName.EndsWith(".attn_k.weight", StringComparison.Ordinal) ? configuration.KeyValueHeadCount
            : 0;
        return headCount == 0 ? rows : Interleave(rows, rows.Length / (int)pair.B.RowCount, (int)pair.B.RowCount / headCount);
    }

    private static T[] Interleave<T>(T[] rows, int rowLength, int headLength)
    {
        var interleaved = new T[rows.Length];
        for (int row = 0; row < rows.Length / rowLength; row++)
        {
            (int head, int inHead) = Math.DivRem(row, headLength);
            int source = head * headLength + inHead % 2 * (headLength / 2) + inHead / 2;
            Array.Copy(rows, source * rowLength, interleaved, row * rowLength, rowLength);
        }

        return interleaved;
    }
}
