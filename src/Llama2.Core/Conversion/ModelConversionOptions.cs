using Llama2.Model;

namespace Llama2;

/// <summary>How <see cref="ModelConverter"/> writes a model. Immutable; every property is checked when it is set.</summary>
public sealed record ModelConversionOptions
{
    /// <summary>
    /// The type of the weights: F32, F16 or BF16. Null (the default) keeps each tensor's own; a safetensors folder, which has no blocks, then
    /// gets F16 in their place. In a GGUF file norms stay F32, which costs nothing. <see cref="ModelQuantizer"/> writes the others.
    /// </summary>
    public ModelQuantization? Quantization
    {
        get;
        init => field = value?.IsUnquantized() ?? true
            ? value
            : throw new ArgumentOutOfRangeException(nameof(Quantization), value, $"Models are converted to F32, F16 or BF16; {nameof(ModelQuantizer)} (llama2 quantize) writes the others.");
    }

    /// <summary>A tokenizer to write in place of the model's own, any file that <see cref="ModelTokenizer.Load"/> opens; null takes the model's.</summary>
    public string? TokenizerPath { get; init; }

    /// <summary>The most bytes of tensors in one safetensors file, 1 or more; default 5,000,000,000. A tensor that is larger has a file of its own.</summary>
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
