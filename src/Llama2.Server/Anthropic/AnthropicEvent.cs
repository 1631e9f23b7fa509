namespace Llama2.Server.Anthropic;

/// <summary>An event of a streamed answer.</summary>
/// <param name="Type">The name of the event.</param>
/// <param name="Message">The beginning of the answer; null in all events except the first.</param>
/// <param name="Index">The index of the block that begins, continues or ends; null in events that concern the whole answer.</param>
/// <param name="ContentBlock">The block that begins, without its content; null in other events.</param>
/// <param name="Delta">What is added to the block or to the answer; null if nothing is.</param>
/// <param name="Usage">The tokens; null before the event with the stop reason.</param>
internal sealed record AnthropicEvent(
    string Type, AnthropicMessage? Message = null, int? Index = null, ContentBlock? ContentBlock = null, AnthropicDelta? Delta = null, AnthropicUsage? Usage = null);
