namespace Llama2.Formats.MetaCheckpoint;

/// <summary>A tensor of a Llama model in Meta's words and in GGUF's. The order of query and key rows is the same in both.</summary>
/// <param name="Name">The name in a checkpoint of Meta's.</param>
/// <param name="GgufName">The name in GGUF.</param>
/// <param name="Split">How shards divide it.</param>
/// <param name="RowCount">Rows of the whole tensor; 0 for a vector.</param>
/// <param name="RowLength">Numbers in a whole row.</param>
internal sealed record MetaTensor(string Name, string GgufName, TensorSplit Split, long RowCount, long RowLength)
{
    /// <summary>1 or 2.</summary>
    public int DimensionCount => RowCount == 0 ? 1 : 2;

    /// <summary>All tensors that a model of these parameters has.</summary>
    public static IEnumerable<MetaTensor> All(MetaParameters parameters, long vocabularySize)
    {
        long width = parameters.EmbeddingLength, keyValue = parameters.KeyValueLength, hidden = parameters.FeedForwardLength;
        yield return new("tok_embeddings.weight", "token_embd.weight", TensorSplit.ColumnsOrRows, vocabularySize, width);
        for (int layer = 0; layer < parameters.LayerCount; layer++)
        {
            yield return Of(layer, "attention_norm", "attn_norm", TensorSplit.None, 0, width);
            yield return Of(layer, "attention.wq", "attn_q", TensorSplit.Rows, width, width);
            yield return Of(layer, "attention.wk", "attn_k", TensorSplit.Rows, keyValue, width);
            yield return Of(layer, "attention.wv", "attn_v", TensorSplit.Rows, keyValue, width);
            yield return Of(layer, "attention.wo", "attn_output", TensorSplit.Columns, width, width);
            yield return Of(layer, "ffn_norm", "ffn_norm", TensorSplit.None, 0, width);
            yield return Of(layer, "feed_forward.w1", "ffn_gate", TensorSplit.Rows, hidden, width);
            yield return Of(layer, "feed_forward.w3", "ffn_up", TensorSplit.Rows, hidden, width);
            yield return Of(layer, "feed_forward.w2", "ffn_down", TensorSplit.Columns, width, hidden);
        }

        yield return new("norm.weight", "output_norm.weight", TensorSplit.None, 0, width);
        yield return new("output.weight", "output.weight", TensorSplit.Rows, vocabularySize, width);
    }

    /// <summary>True for the rotary frequencies, which follow from the parameters and which every shard has besides.</summary>
    public static bool IsRotaryFrequencies(string name) => name == "rope.freqs" || name.EndsWith(".rope.freqs", StringComparison.Ordinal);

    private static MetaTensor Of(int layer, string name, string ggufName, TensorSplit split, long rowCount, long rowLength) =>
        new($"layers.{layer}.{name}.weight", $"blk.{layer}.{ggufName}.weight", split, rowCount, rowLength);
}
