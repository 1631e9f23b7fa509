using Llama2.Grammar.Regexes;

namespace Llama2.Grammar.Matching;

/// <summary>
/// Replaces high counts by "any number" where the difference lies beyond a number of bytes: whether a shorter text may come does not depend on it. So
/// a string of at most 1,000 characters has one mask for most of its length instead of one for each character.
/// </summary>
internal static class CountHorizon
{
    // The parts of a sequence that are looked at: the rest of a character, a count, and what follows it.
    private const int MaxDepth = 4;

    /// <summary>An expression that begins with the same texts up to the horizon, and is complete after the same texts up to it.</summary>
    public static RegexNode Apply(RegexFactory regexes, RegexNode node, int horizon) => Apply(regexes, node, horizon, MaxDepth);

    /// <summary>Whether a text of so many characters exceeds the count with which an expression begins.</summary>
    public static bool IsExceeded(RegexNode node, int length) => node.Kind switch
    {
        RegexKind.Repeat => node.Maximum < length,
        RegexKind.Sequence => node.Parts[0].Kind == RegexKind.Repeat && node.Parts[0].Maximum < length && node.Parts[0].Parts[0].Kind != RegexKind.Repeat,
        _ => false,
    };

    private static RegexNode Apply(RegexFactory regexes, RegexNode node, int horizon, int depth)
    {
        if (depth == 0 || node.HasOperators)
            return node;
        switch (node.Kind)
        {
            case RegexKind.Repeat:
                int minimum = Math.Min(node.Minimum, horizon + 1), maximum = node.Maximum > horizon ? int.MaxValue : node.Maximum;
                return minimum == node.Minimum && maximum == node.Maximum ? node : regexes.Repeat(node.Parts[0], minimum, maximum);
            case RegexKind.Sequence:
                RegexNode first = Apply(regexes, node.Parts[0], horizon, depth - 1), rest = Apply(regexes, node.Parts[1], horizon, depth - 1);
                return first == node.Parts[0] && rest == node.Parts[1] ? node : regexes.Sequence(first, rest);
            default:
                return node;
        }
    }
}
