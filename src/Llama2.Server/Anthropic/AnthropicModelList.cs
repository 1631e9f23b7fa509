using System.Text.Json.Serialization;

namespace Llama2.Server.Anthropic;

/// <summary>Anthropic's list of models. It has all models, on one page.</summary>
/// <param name="Data">The models.</param>
/// <param name="FirstId">The name of the first; null if there are no models.</param>
/// <param name="LastId">The name of the last; null if there are no models.</param>
/// <param name="HasMore">Always false.</param>
internal sealed record AnthropicModelList(
    IReadOnlyList<AnthropicModel> Data,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] string? FirstId,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] string? LastId,
    bool HasMore = false);
