using Llama2.Architectures;

namespace Llama2.Conversion;

/// <summary>A model class of transformers: what a <c>config.json</c> calls it, which architecture it is, and what its configuration has by default.</summary>
/// <param name="Architecture">The architecture.</param>
/// <param name="Names">The names in <c>architectures</c>, or in <c>model_type</c> if that is absent; the first is the one that is written.</param>
/// <param name="DefaultContextLength">Tokens of context.</param>
internal sealed record HuggingFaceModelClass(ModelArchitecture Architecture, IReadOnlyList<string> Names, int DefaultContextLength)
{
    /// <summary>Key and value heads; null for as many as there are query heads.</summary>
    public int? DefaultKeyValueHeadCount { get; init; }

    /// <summary>Length of the attention's window; null for none.</summary>
    public int? DefaultWindow { get; init; }

    /// <summary>Those that are read, with the defaults of LlamaConfig and MistralConfig. The first of an architecture is the one that is written.</summary>
    public static IReadOnlyList<HuggingFaceModelClass> All { get; } =
    [
        new(ModelArchitecture.Llama, ["LlamaForCausalLM", "LLaMAForCausalLM", "llama"], 2048),
        new(ModelArchitecture.Llama, ["MistralForCausalLM"], 131_072) { DefaultKeyValueHeadCount = 8, DefaultWindow = 4096 },
    ];
}
