using System.Text.Json;

namespace Llama2.Server.Responses;

/// <summary>The format of the answer's text.</summary>
/// <param name="Format">The format as the request states it.</param>
/// <param name="Verbosity">Always <c>medium</c>.</param>
internal sealed record ResponseTextSettings(JsonElement Format, string Verbosity = "medium")
{
    /// <summary>Any text.</summary>
    public static ResponseTextSettings PlainText { get; } = new(JsonElement.Parse("""{"type":"text"}"""));
}
