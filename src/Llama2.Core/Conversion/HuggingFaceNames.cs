using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using Llama2.Model;

namespace Llama2.Conversion;

/// <summary>The names of tensors in Hugging Face's Llama models, and GGUF's for the same tensors.</summary>
internal static class HuggingFaceNames
{
    public const string Output = "lm_head.weight";
    private const string TokenEmbedding = "model.embed_tokens.weight", OutputNorm = "model.norm.weight", LayerPrefix = "model.layers.";

    private const string QuerySuffix = "self_attn.q_proj.weight", KeySuffix = "self_attn.k_proj.weight";

    private static readonly (string HuggingFace, Func<int, string> Gguf)[] s_ofLayers =
    [
        ("input_layernorm.weight", TensorNames.AttentionNorm),
        (QuerySuffix, TensorNames.Query),
        (KeySuffix, TensorNames.Key),
        ("self_attn.v_proj.weight", TensorNames.Value),
        ("self_attn.o_proj.weight", TensorNames.AttentionOutput),
        ("post_attention_layernorm.weight", TensorNames.FeedForwardNorm),
        ("mlp.gate_proj.weight", TensorNames.Gate),
        ("mlp.up_proj.weight", TensorNames.Up),
        ("mlp.down_proj.weight", TensorNames.Down),
    ];

    // Data-parallel training, torch.compile, FSDP, Accelerate, and PEFT after a merge.
    private static readonly string[] s_wrappers = ["module.", "_orig_mod.", "_fsdp_wrapped_module.", "_forward_module.", "base_model.model."];

    /// <summary>Length of the common prefix of all names that states only how the model was wrapped when it was saved; 0 if there is none.</summary>
    public static int WrapperLength(IEnumerable<string> names)
    {
        string[] all = [.. names];
        int length = 0;
        while (all.Length > 0 && Array.Find(s_wrappers, wrapper => Array.TrueForAll(all, name => name.AsSpan(length).StartsWith(wrapper))) is { } wrapper)
            length += wrapper.Length;
        return length;
    }

    /// <summary>True for the matrices of queries and keys, whose rows are in another order than GGUF's.</summary>
    public static bool IsRotated(string name) => IsQuery(name) || IsKey(name);

    public static bool IsQuery(string name) => name.EndsWith(QuerySuffix, StringComparison.Ordinal);

    public static bool IsKey(string name) => name.EndsWith(KeySuffix, StringComparison.Ordinal);

    /// <summary>Dimensions of a tensor that a Llama has: 1 of the weights of a norm, 2 of a matrix.</summary>
    public static int DimensionCount(string name) => name.EndsWith("norm.weight", StringComparison.Ordinal) ? 1 : 2;

    /// <summary>True for the rotary frequencies that old versions stored; they follow from the configuration.</summary>
    public static bool IsIgnored(string name) => name.EndsWith(".rotary_emb.inv_freq", StringComparison.Ordinal);

    /// <summary>GGUF's name for a tensor; false for one that a Llama does not have.</summary>
    public static bool TryToGguf(string name, [NotNullWhen(true)] out string? gguf)
    {
        gguf = name switch
        {
            TokenEmbedding => TensorNames.TokenEmbedding,
            OutputNorm => TensorNames.OutputNorm,
            Output => TensorNames.Output,
            _ when TrySplit(name, out int layer, out string? rest) => Array.Find(s_ofLayers, pair => pair.HuggingFace == rest).Gguf?.Invoke(layer),
            _ => null,
        };
        return gguf is not null;
    }

    /// <summary>Every tensor of a model, GGUF's name with Hugging Face's.</summary>
    public static IEnumerable<(string Gguf, string HuggingFace)> All(int layerCount)
    {
        yield return (TensorNames.TokenEmbedding, TokenEmbedding);
        for (int layer = 0; layer < layerCount; layer++)
        {
            foreach ((string name, Func<int, string> gguf) in s_ofLayers)
                yield return (gguf(layer), string.Create(CultureInfo.InvariantCulture, $"{LayerPrefix}{layer}.{name}"));
        }

        yield return (TensorNames.OutputNorm, OutputNorm);
        yield return (TensorNames.Output, Output);
    }

    private static bool TrySplit(string name, out int layer, [NotNullWhen(true)] out string? rest)
    {
        layer = 0;
        rest = null;
        if (!name.StartsWith(LayerPrefix, StringComparison.Ordinal) || name.IndexOf('.', LayerPrefix.Length) is not (> 0 and var end))
            return false;
        rest = name[(end + 1)..];
        return int.TryParse(name.AsSpan(LayerPrefix.Length..end), NumberStyles.None, CultureInfo.InvariantCulture, out layer)
            && layer.ToString(CultureInfo.InvariantCulture).Length == end - LayerPrefix.Length;
    }
}
