using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Llama2.Server.Errors;
using Llama2.Server.Protocol;

namespace Llama2.Server.Writing;

/// <summary>
/// How a protocol writes the events of a stream. The default is that of OpenAI's chats: events without names, <c>[DONE]</c>, and errors in OpenAI's form.
/// </summary>
/// <param name="Type">How the data of an event are written.</param>
internal sealed record EventForm<T>(JsonTypeInfo<T> Type)
{
    /// <summary>The name of an event, which is written in a line before its data; null if events have no names.</summary>
    public Func<T, string>? NameOf { get; init; }

    /// <summary>The data that end a stream without an error; null if nothing follows the last event.</summary>
    public string? End { get; init; } = "[DONE]";

    /// <summary>The name of the event with an error; null if it has none.</summary>
    public string? ErrorName { get; init; }

    /// <summary>Writes the data of the event with an error.</summary>
    public Action<Utf8JsonWriter, Failure> WriteError { get; init; } =
        (json, failure) => JsonSerializer.Serialize(json, new ErrorBody(failure.Error), ProtocolJson.Default.ErrorBody);
}
