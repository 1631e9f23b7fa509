using Llama2.Cli.Output;
using static System.FormattableString;

namespace Llama2.Cli.Constraints;

/// <summary>The result of checking a text with a constraint, token by token.</summary>
/// <param name="Tokens">The tokens of the text.</param>
/// <param name="AcceptedCount">The number of tokens that the constraint allowed, counted from the beginning of the text.</param>
/// <param name="IsAccepted">Whether the constraint allowed all tokens, and allows the text to end after them.</param>
internal sealed record CheckedText(int[] Tokens, int AcceptedCount, bool IsAccepted)
{
    private const int MaxShownLength = 60;

    /// <summary>Describes where the text was refused: the token, and the text before it.</summary>
    /// <param name="tokenizer">The tokenizer of the tokens.</param>
    public string Describe(ModelTokenizer tokenizer)
    {
        string before = tokenizer.Decode(Tokens.AsSpan(0, AcceptedCount));
        string shown = PrintableText.SingleLine(before.Length <= MaxShownLength ? before : $"…{before[^MaxShownLength..]}");
        return AcceptedCount == Tokens.Length
            ? Invariant($"at its end, after token {AcceptedCount}: more must follow '{shown}'")
            : Invariant($"at token {AcceptedCount + 1} of {Tokens.Length}: '{PrintableText.SingleLine(tokenizer.GetTokenText(Tokens[AcceptedCount]))}' after '{shown}'");
    }
}
