using Microsoft.Extensions.AI;

namespace Llama2.Guard.Clients;

/// <summary>A request whose messages were judged.</summary>
/// <param name="Messages">The messages for the model, with masks.</param>
/// <param name="Conversation">The same messages as the guard reads them.</param>
/// <param name="Refusal">What the caller receives instead of an answer; null if the messages are passed.</param>
/// <param name="FailedOpen">Why the guard failed, if messages are passed without a verdict; otherwise null.</param>
internal sealed record JudgedInput(IReadOnlyList<ChatMessage> Messages, IReadOnlyList<LlamaMessage> Conversation, Refusal? Refusal, string? FailedOpen)
{
    /// <summary>An update of an answer that is not judged, with the failure of the guard at the request, if there was one.</summary>
    public ChatResponseUpdate Mark(ChatResponseUpdate update)
    {
        if (FailedOpen is null)
            return update;
        ChatResponseUpdate marked = update.Clone();
        marked.AdditionalProperties = update.AdditionalProperties?.Clone() ?? [];
        marked.AdditionalProperties[GuardProperties.FailedOpen] = FailedOpen;
        return marked;
    }
}
