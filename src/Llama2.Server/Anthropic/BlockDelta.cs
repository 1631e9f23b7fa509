namespace Llama2.Server.Anthropic;

/// <summary>What an event adds to a block.</summary>
/// <param name="Type"><c>text_delta</c> or <c>input_json_delta</c>.</param>
/// <param name="Text">More of a text; null for a call.</param>
/// <param name="PartialJson">More of the JSON of a call's arguments; null for a text.</param>
internal sealed record BlockDelta(string Type, string? Text = null, string? PartialJson = null) : AnthropicDelta
{
    public static BlockDelta OfText(string text) => new("text_delta", text);

    public static BlockDelta OfInput(string json) => new("input_json_delta", null, json);
}
