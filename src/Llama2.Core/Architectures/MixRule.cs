namespace Llama2.Architectures;

/// <summary>Which rule of llama.cpp's quantization mixes chooses the format of a tensor.</summary>
internal enum MixRule
{
    /// <summary>The format that the mix is named for.</summary>
    Base,

    /// <summary>F32: a vector costs next to nothing.</summary>
    Vector,

    /// <summary>The rule of the embedding table; in a model without an output matrix, <see cref="Output"/>.</summary>
    TokenEmbedding,

    /// <summary>The rule of the output matrix.</summary>
    Output,

    /// <summary>The rule of value matrices.</summary>
    Value,

    /// <summary>The rule of the attention's output matrices.</summary>
    AttentionOutput,

    /// <summary>The rule of the last matrices of feed-forward networks.</summary>
    Down,
}
