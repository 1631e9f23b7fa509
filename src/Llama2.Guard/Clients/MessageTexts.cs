using System.Text;
using Microsoft.Extensions.AI;

namespace Llama2.Guard.Clients;

/// <summary>A message as a guard reads it: the texts of its contents, one after the other.</summary>
internal sealed class MessageTexts
{
    private readonly StringBuilder _text = new();
    private readonly List<(int Start, int End)> _ranges = [];
    private readonly IList<AIContent> _contents;

    private MessageTexts(ChatMessage message)
    {
        _contents = message.Contents;
        Role = RoleOf(message.Role, message.Contents.Any(content => content is FunctionResultContent));
        AIContent? previous = null;
        foreach (AIContent content in message.Contents)
        {
            string? text = ContentTexts.Of(content);
            IsJudgeable &= text is not null;

            // Neighbouring texts are read as one text, and so are neighbouring parts of a reasoning. Everything else begins a line.
            bool goesOn = (content is TextContent && previous is TextContent) || (content is TextReasoningContent && previous is TextReasoningContent);
            if (_text.Length > 0 && !string.IsNullOrEmpty(text) && !goesOn)
                _text.Append('\n');
            int start = _text.Length;
            _text.Append(text);
            _ranges.Add((start, _text.Length));
            previous = string.IsNullOrEmpty(text) ? previous : content;
        }
    }

    public LlamaRole Role { get; }

    /// <summary>Whether all contents can be judged.</summary>
    public bool IsJudgeable { get; private set; } = true;

    public LlamaMessage Message => new(Role, _text.ToString());

    public static MessageTexts Of(ChatMessage message) => new(message);

    public static LlamaRole RoleOf(ChatRole? role, bool hasResults) =>
        hasResults || role == ChatRole.Tool ? LlamaRole.Tool
        : role == ChatRole.Assistant ? LlamaRole.Assistant
        : role == ChatRole.System || role == new ChatRole("developer") ? LlamaRole.System
        : LlamaRole.User;

    /// <summary>Whether all masked parts are in contents whose text can be replaced.</summary>
    public bool CanMask(MaskSpans masks) => !_ranges.Where((range, i) => _contents[i] is not (TextContent or TextReasoningContent) && masks.Touches(range.Start, range.End)).Any();

    /// <summary>The positions of the message's texts, or of the parts of its reasoning.</summary>
    public IEnumerable<(int Start, int End)> RangesOf(bool isReasoning) =>
        _ranges.Where((range, i) => range.End > range.Start && (isReasoning ? _contents[i] is TextReasoningContent : _contents[i] is TextContent));

    /// <summary>Copies of the contents with masks.</summary>
    public List<AIContent> Copy(MaskSpans masks) => [.. _contents.Select((content, i) => CleanContents.Copy(content, masks.Slice(_text, _ranges[i].Start, _ranges[i].End)))];
}
