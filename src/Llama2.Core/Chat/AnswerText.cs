using System.Text;

namespace Llama2.Chat;

/// <summary>The text of an answer, without the white space that a format's tags leave before it.</summary>
internal sealed class AnswerText
{
    private readonly StringBuilder _text = new();

    /// <summary>Adds a piece; returns what of it belongs to the answer.</summary>
    public string Append(string piece)
    {
        string text = _text.Length == 0 ? piece.TrimStart() : piece;
        _text.Append(text);
        return text;
    }

    /// <summary>The answer so far.</summary>
    public override string ToString() => _text.ToString();
}
