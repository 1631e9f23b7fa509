namespace Llama2.Server.LlamaCpp;

/// <summary>The answer of <c>GET /props</c>.</summary>
/// <param name="DefaultGenerationSettings">The values of fields that a request does not state.</param>
/// <param name="TotalSlots">For how many texts of the full context length there is memory at the same time, at least 1. Shorter texts need less.</param>
/// <param name="ModelAlias">The name by which requests choose the model.</param>
/// <param name="ModelPath">The name of the model's file, without its folder.</param>
/// <param name="Modalities">What the model reads besides text.</param>
/// <param name="ChatTemplate">The chat template in Jinja; empty if the model has none.</param>
/// <param name="BosToken">The spelling of the begin-of-sequence token; empty if there is none.</param>
/// <param name="EosToken">The spelling of the end-of-sequence token; empty if there is none.</param>
/// <param name="BuildInfo">The version of the library.</param>
internal sealed record ServerProperties(
    DefaultSettings DefaultGenerationSettings, int TotalSlots, string ModelAlias, string ModelPath, ModelModalities Modalities, string ChatTemplate, string BosToken, string EosToken, string BuildInfo);
