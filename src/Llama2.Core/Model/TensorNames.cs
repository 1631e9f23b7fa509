namespace Llama2.Model;

/// <summary>The tensors of a Llama model, as GGUF names them.</summary>
internal static class TensorNames
{
    public const string TokenEmbedding = "token_embd.weight";
    public const string OutputNorm = "output_norm.weight";

    /// <summary>Absent where the output shares the token embedding's weights.</summary>
    public const string Output = "output.weight";

    /// <summary>Divisors of the rotary frequencies, one a pair; absent from most models.</summary>
    public const string RopeFrequencyFactors = "rope_freqs.weight";

    public static string AttentionNorm(int layer) => $"blk.{layer}.attn_norm.weight";

    public static string Query(int layer) => $"blk.{layer}.attn_q.weight";

    public static string Key(int layer) => $"blk.{layer}.attn_k.weight";

    public static string Value(int layer) => $"blk.{layer}.attn_v.weight";

    public static string AttentionOutput(int layer) => $"blk.{layer}.attn_output.weight";

    public static string FeedForwardNorm(int layer) => $"blk.{layer}.ffn_norm.weight";

    public static string Gate(int layer) => $"blk.{layer}.ffn_gate.weight";

    public static string Up(int layer) => $"blk.{layer}.ffn_up.weight";

    public static string Down(int layer) => $"blk.{layer}.ffn_down.weight";

    /// <summary>True for the rotary frequencies that old converters stored for each layer; they follow from the configuration.</summary>
    public static bool IsIgnored(string name) => name.EndsWith(".attn_rot_embd", StringComparison.Ordinal);

    /// <summary>Whether GGUF has such a name for a tensor of a Llama model.</summary>
    public static bool IsOfLlama(string name)
        => name is TokenEmbedding or OutputNorm or Output or RopeFrequencyFactors || name.StartsWith("blk.", StringComparison.Ordinal);

    /// <summary>The matrices of all layers.</summary>
    public static IEnumerable<string> Matrices(int layerCount) => Enumerable.Range(0, layerCount).SelectMany(
        layer => (string[])[Query(layer), Key(layer), Value(layer), AttentionOutput(layer), Gate(layer), Up(layer), Down(layer)]);
}
