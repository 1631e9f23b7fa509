using System.Text.Json;

namespace Llama2.Server.Anthropic;

/// <summary>A block of an answer: a text, or a call of a tool.</summary>
/// <param name="Type"><c>text</c> or <c>tool_use</c>.</param>
/// <param name="Text">The text; null for a call.</param>
/// <param name="Id">The call's id, which begins with <c>toolu_</c>; null for a text.</param>
/// <param name="Name">The tool's name; null for a text.</param>
/// <param name="Input">The call's arguments, an object; null for a text.</param>
/// <param name="Caller">Who calls the tool; null for a text.</param>
internal sealed record ContentBlock(string Type, string? Text = null, string? Id = null, string? Name = null, JsonElement? Input = null, ToolCaller? Caller = null)
{
    public static ContentBlock OfText(string text) => new("text", text);

    public static ContentBlock OfCall(string id, string name, JsonElement input) => new("tool_use", null, id, name, input, new ToolCaller());
}
