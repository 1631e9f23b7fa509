using System.Text.Json.Serialization;

namespace Llama2.Server.Protocol;

/// <summary>An error in OpenAI's form.</summary>
/// <param name="Message">What is wrong, with the value, the limit and the remedy.</param>
/// <param name="Type">The kind of error: <c>invalid_request_error</c>, <c>requests</c> (too many of them) or <c>server_error</c>.</param>
/// <param name="Param">The field of the request that causes the error, such as <c>messages[2].content</c>; null if no field does.</param>
/// <param name="Code">Names the error for programs; null if it has no name.</param>
internal sealed record ErrorDetail(
    string Message,
    string Type,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] string? Param,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] string? Code);
