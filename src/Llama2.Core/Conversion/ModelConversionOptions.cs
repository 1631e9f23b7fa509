using Llama2.Model;

namespace Llama2;

/// <summary>How <see cref="ModelConverter"/> writes a model. Immutable; every property is checked when it is set.</summary>
public sealed record ModelConversionOptions
{
    /// <summary>
    /// The type of the weights: F32, F16 or BF16. Null (the default) keeps each tensor's own type; quantized tensors then become F16 in a safetensors
    /// folder, which has no quantized formats. In a GGUF file, the weights of norms are always F32, because their size is negligible. To write
    /// quantized formats, use <see cref="ModelQuantizer"/>.
    /// </summary>
    public ModelQuantization? Quantization
    {
        get;
        init => field = value?.IsUnquantized() ?? true
            ? value
            : throw new ArgumentOutOfRangeException(nameof(Quantization), value, $"It must be F32, F16 or BF16; for the other formats, use {nameof(ModelQuantizer)} (llama2 quantize).");
    }

    /// <summary>
    /// The path of a tokenizer to write instead of the model's own: anything that <see cref="ModelTokenizer.Load"/> opens. Null (the default) writes
    /// the model's own tokenizer.
    /// </summary>
    public string? TokenizerPath { get; init; }

    /// <summary>
    /// The maximum size in bytes of the tensors in one safetensors file, 1 or more; default 5,000,000,000. A tensor that is larger than this is
    /// written to a file of its own.
    /// </summary>
    public long MaxShardByteSize
    {
        get;
        init
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(value, 1);
            field = value;
        }
    }
    = 5_000_000_000;
}
