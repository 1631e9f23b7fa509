using System.Text.Json.Serialization;

namespace Llama2.Server.Protocol;

/// <summary>The answer of <c>POST /v1/completions</c>, or one event of it.</summary>
/// <param name="Id">The same in all events of an answer.</param>
/// <param name="Created">When the answer began, in seconds since 1970.</param>
/// <param name="Model">The model's name.</param>
/// <param name="SystemFingerprint">Identifies the model's weights.</param>
/// <param name="Choices">The texts; one in each event, and none in the event with the usage.</param>
/// <param name="Usage">The usage; null in events before the last.</param>
/// <param name="Object">Always <c>text_completion</c>.</param>
internal sealed record Completion(
    string Id,
    long Created,
    string Model,
    string SystemFingerprint,
    IReadOnlyList<CompletionChoice> Choices,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] Usage? Usage,
    string Object = "text_completion");
