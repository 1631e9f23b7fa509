namespace Llama2.Architectures;

/// <summary>Which rule of llama.cpp's quantization mixes chooses the format of a tensor.</summary>
internal enum MixRule
{
    /// <summary>The format that the mix is named for.</summary>
    Base,

    /// <summary>F32: a vector costs next to nothing.</summary>
    Vector,

    /// <summary>That of the table of embeddings; where the model has no output matrix, that of <see cref="Output"/>.</summary>
    TokenEmbedding,

    /// <summary>That of the output matrix.</summary>
    Output,

    /// <summary>That of value matrices.</summary>
    Value,

    /// <summary>That of the attention's output matrices.</summary>
    AttentionOutput,

    /// <summary>That of the matrices that end a feed-forward network.</summary>
    Down,
}
