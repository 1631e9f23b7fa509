using Llama2.Server.Requests;
using Microsoft.Extensions.AI;

namespace Llama2.Server.Anthropic;

/// <summary>Reads <c>system</c>.</summary>
internal static class SystemField
{
    /// <summary>Reads the field: a message for each of its texts, which the chat client joins with blank lines. None if the field is absent.</summary>
    public static ChatMessage[] Read(RequestObject body)
    {
        if (body.Take("system") is not { } value)
            return [];
        if (value.IsText)
            return ToMessages([value.Text()]);
        return value.IsList
            ? ToMessages(value.List(0, ChatMessages.MaxPartCount).Select(TextBlock.Read))
            : throw value.WrongType("a string or a list of text blocks");
    }

    private static ChatMessage[] ToMessages(IEnumerable<string> texts) =>
        [.. texts.Where(text => text.Length > 0).Select(text => new ChatMessage(ChatRole.System, text))];
}
