namespace Llama2.Training.Tests;

/// <summary>The shape of Llama 2 7B, for estimates that need no file.</summary>
internal static class SevenBillionParameters
{
    public static ModelConfiguration Configuration { get; } = new()
    {
        Architecture = "llama",
        Name = "7B",
        ContextLength = 4096,
        EmbeddingLength = 4096,
        LayerCount = 32,
        HeadCount = 32,
        KeyValueHeadCount = 32,
        FeedForwardLength = 11_008,
        VocabularySize = 32_000,
        RmsNormEpsilon = 1e-5f,
    };
}
