namespace Llama2.Architectures;

/// <summary>The rule by which llama.cpp's quantization mixes choose the format of a tensor.</summary>
internal enum MixRule
{
    /// <summary>Chooses the format whose name is part of the mix's name, such as Q4_K in Q4_K_M.</summary>
    Base,

    /// <summary>Chooses F32, because vectors take almost no memory.</summary>
    Vector,

    /// <summary>The rule for the embedding table. In a model without an output matrix, the rule <see cref="Output"/> applies to this table.</summary>
    TokenEmbedding,

    /// <summary>The rule for the output matrix.</summary>
    Output,

    /// <summary>The rule for the value matrices.</summary>
    Value,

    /// <summary>The rule for the output matrices of attention.</summary>
    AttentionOutput,

    /// <summary>The rule for the down projections of the feed-forward networks.</summary>
    Down,
}
