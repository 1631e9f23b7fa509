using Llama2.Server.Protocol;
using Microsoft.Extensions.AI;

namespace Llama2.Server.Answers;

/// <summary>What an update adds to a choice of a chat.</summary>
/// <param name="Text">The text; empty for none.</param>
/// <param name="Calls">The calls that are complete; null for none.</param>
/// <param name="Logprob">The token's log-probability; null if it was not requested.</param>
/// <param name="FinishReason">Why the choice ended; null before its end.</param>
/// <param name="Usage">The choice's tokens; null before its end.</param>
/// <param name="StopSequence">The requested stop sequence at which the choice ended; null if it ended otherwise, and before its end.</param>
/// <param name="IsContextFull">Whether the choice ended because the model's context is full.</param>
internal readonly record struct ChoicePart(
    string Text, ToolCall[]? Calls, TokenLogprob? Logprob, string? FinishReason, GenerationUsage? Usage, string? StopSequence, bool IsContextFull)
{
    /// <summary>Reads an update of the chat client.</summary>
    /// <param name="update">The update.</param>
    /// <param name="callCount">The number of calls that the choice already has.</param>
    /// <param name="texts">The texts of tokens.</param>
    public static ChoicePart Read(ChatResponseUpdate update, int callCount, TokenTexts texts)
    {
        var generated = (GenerationUpdate)update.RawRepresentation!;
        ToolCall[]? calls = null;
        if (generated.ToolCalls is { Count: > 0 } written)
        {
            // The client gives the calls their ids; their arguments are taken as the model wrote them.
            FunctionCallContent[] identified = [.. update.Contents.OfType<FunctionCallContent>()];
            calls = [.. written.Select((call, i) => new ToolCall(callCount + i, identified[i].CallId, new FunctionCall(call.Name, call.Arguments.GetRawText())))];
        }

        return new ChoicePart(
            update.Text, calls, texts.Read(generated), update.FinishReason?.Value, generated.Usage, generated.StopSequence,
            generated.FinishReason == Llama2.FinishReason.ContextLength);
    }
}
