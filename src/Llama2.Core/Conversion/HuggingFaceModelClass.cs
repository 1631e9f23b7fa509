using Llama2.Architectures;

namespace Llama2.Conversion;

/// <summary>A model class of transformers: its names in a <c>config.json</c>, its architecture, and the defaults of its configuration.</summary>
/// <param name="Architecture">The architecture.</param>
/// <param name="Names">
/// The names of the class in the member <c>architectures</c> or, if that is absent, in <c>model_type</c>. When a configuration is written, the first name is
/// used.
/// </param>
/// <param name="DefaultContextLength">The context length in tokens if the configuration does not state it.</param>
internal sealed record HuggingFaceModelClass(ModelArchitecture Architecture, IReadOnlyList<string> Names, int DefaultContextLength)
{
    /// <summary>The number of key and value heads if the configuration states none; null means as many as there are query heads.</summary>
    public int? DefaultKeyValueHeadCount { get; init; }

    /// <summary>The length of the attention window in tokens if the configuration does not state it; null for no window.</summary>
    public int? DefaultWindow { get; init; }

    /// <summary>
    /// The supported classes, with the defaults of LlamaConfig and MistralConfig. When a configuration is written, the first class of the architecture is used.
    /// </summary>
    public static IReadOnlyList<HuggingFaceModelClass> All { get; } =
    [
        new(ModelArchitecture.Llama, ["LlamaForCausalLM", "LLaMAForCausalLM", "llama"], 2048),
        new(ModelArchitecture.Llama, ["MistralForCausalLM"], 131_072) { DefaultKeyValueHeadCount = 8, DefaultWindow = 4096 },
    ];
}
