namespace Llama2.Formats.Llama2C;

/// <summary>The tensors of a llama2.c checkpoint.</summary>
internal enum Llama2CTensorKind
{
    TokenEmbedding,
    AttentionNorm,
    Query,
    Key,
    Value,
    AttentionOutput,
    FeedForwardNorm,
    Gate,
    Down,
    Up,
    OutputNorm,
    RopeFrequencies,
    Output,
}
