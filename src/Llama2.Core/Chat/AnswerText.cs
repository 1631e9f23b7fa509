using System.Text;

namespace Llama2.Chat;

/// <summary>The text of an answer, without the white space that a format's tags leave before it.</summary>
/// <param name="begin">The part of the answer that exists already and is continued; empty for a new answer.</param>
/// <param name="isConstrained">
/// Whether a constraint determines the text from its first character, so that white space at its beginning belongs to the answer.
/// </param>
internal sealed class AnswerText(string begin = "", bool isConstrained = false)
{
    private readonly StringBuilder _text = new(begin);

    /// <summary>Adds a piece; returns the part of it that belongs to the answer.</summary>
    public string Append(string piece)
    {
        string text = _text.Length == 0 && !isConstrained ? piece.TrimStart() : piece;
        _text.Append(text);
        return text;
    }

    /// <summary>The whole answer so far, from its beginning.</summary>
    public override string ToString() => _text.ToString();
}
