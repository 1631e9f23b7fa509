using System.Text;

namespace Llama2.Chat;

/// <summary>The text and calls of an answer, without the white space that a format's tags leave before the text.</summary>
/// <param name="begin">The part of the answer that exists already and is continued; null for a new answer.</param>
/// <param name="isConstrained">
/// Whether a constraint determines the text from its first character, so that white space at its beginning belongs to the answer.
/// </param>
/// <param name="toolFormat">The tool format of the calls in the answer; null if there are no tools.</param>
internal sealed class AnswerText(LlamaMessage? begin = null, bool isConstrained = false, ToolFormat? toolFormat = null)
{
    private readonly StringBuilder _text = new(begin?.Content);
    private readonly List<LlamaToolCall> _calls = [.. begin?.ToolCalls ?? []];
    private readonly ToolCallReader? _reader = toolFormat is null ? null : new(toolFormat, keepsLeadingSpace: begin is not null);

    /// <summary>Adds an update of the generation; returns the update with only the text and the calls that belong to the answer.</summary>
    public GenerationUpdate Append(GenerationUpdate update)
    {
        string text = update.Text;
        int callCount = _calls.Count;
        if (_reader is not null)
        {
            text = _reader.Append(text, _calls);
            if (update.Token is null)
                text += _reader.Flush();
        }
        else if (_text.Length == 0 && !isConstrained)
        {
            text = text.TrimStart();
        }

        _text.Append(text);
        return update with { Text = text, ToolCalls = _calls.Count > callCount ? [.. _calls.Skip(callCount)] : null };
    }

    /// <summary>The whole answer so far, from its beginning.</summary>
    public LlamaMessage ToMessage() => LlamaMessage.Assistant(_text.ToString(), _calls);
}
