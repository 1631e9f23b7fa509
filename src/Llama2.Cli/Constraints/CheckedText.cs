using Llama2.Cli.Output;
using static System.FormattableString;

namespace Llama2.Cli.Constraints;

/// <summary>A text that was followed through a constraint.</summary>
/// <param name="Tokens">Its tokens.</param>
/// <param name="AcceptedCount">How many of them the constraint allowed, one after the other.</param>
/// <param name="IsAccepted">Whether all were allowed, and the text may end after them.</param>
internal sealed record CheckedText(int[] Tokens, int AcceptedCount, bool IsAccepted)
{
    private const int MaxShownLength = 60;

    /// <summary>Where it was refused, in words: the token, and the text before it.</summary>
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
