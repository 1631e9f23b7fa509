using Microsoft.Extensions.AI;

namespace Llama2.Server.Responses;

/// <summary>Turns the items of a conversation into messages.</summary>
internal static class ResponseConversation
{
    /// <summary>The messages. A text of the model and the calls after it, or several calls, are one message.</summary>
    public static ChatMessage[] ToMessages(IEnumerable<ResponseItem> items)
    {
        List<ChatMessage> messages = [];
        ChatMessage? open = null;
        foreach (ResponseItem item in items)
        {
            if (item.Type == ResponseItem.FunctionCall)
            {
                if (open is null)
                    messages.Add(open = new ChatMessage(ChatRole.Assistant, []));
                open.Contents.Add(ToCall(item));
                continue;
            }

            ChatMessage message = item.Type == ResponseItem.FunctionCallOutput
                ? new ChatMessage(ChatRole.Tool, [new FunctionResultContent(item.CallId!, item.Output)])
                : new ChatMessage(new ChatRole(item.Role!), string.Concat(item.Content!.Select(part => part.Text)));
            messages.Add(message);
            open = message.Role == ChatRole.Assistant ? message : null;
        }

        return [.. messages];
    }

    private static FunctionCallContent ToCall(ResponseItem call) => new(call.CallId!, call.Name!, Requests.ChatMessages.ReadArguments(call.Arguments!));
}
