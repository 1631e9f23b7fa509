using Llama2.Grammar.Regexes;

namespace Llama2.Grammar.Matching;

/// <summary>
/// Replaces a high repetition count by "any number" if a text must be longer than a given number of bytes, the horizon, to reach the count. Whether a
/// token up to that length may come does not depend on such a count. So a string of at most 1,000 characters has one mask for most of its length
/// instead of one for each character.
/// </summary>
internal static class CountHorizon
{
    // The depth to which an expression is examined. It is enough for the rest of a character, a count, and what follows the count.
    private const int MaxDepth = 8;

    /// <summary>
    /// An expression that treats texts up to the horizon like the given one: it can begin with the same texts, and it matches the same texts.
    /// </summary>
    public static RegexNode Apply(RegexFactory regexes, RegexNode node, int horizon) => Apply(regexes, node, horizon, MaxDepth);

    /// <summary>Whether a text of the given length, in characters, is longer than the maximum count with which an expression begins.</summary>
    public static bool IsExceeded(RegexNode node, int length) => node.Kind switch
    {
        RegexKind.Repeat => node.Maximum < length,
        RegexKind.Sequence => node.Parts[0].Kind == RegexKind.Repeat && node.Parts[0].Maximum < length && node.Parts[0].Parts[0].Kind != RegexKind.Repeat,
        _ => false,
    };

    private static RegexNode Apply(RegexFactory regexes, RegexNode node, int horizon, int depth)
    {
        if (depth == 0)
            return node;
        switch (node.Kind)
        {
            case RegexKind.Repeat:
                int count = horizon / Math.Max(1, node.Parts[0].LeastDistance);
                int minimum = Math.Min(node.Minimum, count + 1), maximum = node.Maximum > count ? int.MaxValue : node.Maximum;
                return minimum == node.Minimum && maximum == node.Maximum ? node : regexes.Repeat(node.Parts[0], minimum, maximum);
            case RegexKind.Sequence:
                RegexNode first = Apply(regexes, node.Parts[0], horizon, depth - 1), rest = Apply(regexes, node.Parts[1], horizon, depth - 1);
                return first == node.Parts[0] && rest == node.Parts[1] ? node : regexes.Sequence(first, rest);
            case RegexKind.Either:
                var parts = new RegexNode[node.Parts.Length];
                for (int i = 0; i < parts.Length; i++)
                    parts[i] = Apply(regexes, node.Parts[i], horizon, depth - 1);
                return parts.AsSpan().SequenceEqual(node.Parts) ? node : regexes.Either(parts);
            case RegexKind.Both when node.Parts.Length == 2:
                RegexNode left = node.Parts[0], right = node.Parts[1];
                return IsFarFromBinding(left, right, horizon) ? Apply(regexes, right, horizon, depth - 1)
                    : IsFarFromBinding(right, left, horizon) ? Apply(regexes, left, horizon, depth - 1)
                    : node;
            default:
                return node;
        }
    }

    // Whether a maximum number of characters has no effect on a pattern within the horizon, because every text that the pattern begins within the
    // horizon can be completed within the maximum.
    private static bool IsFarFromBinding(RegexNode count, RegexNode pattern, int horizon) =>
        count is { Kind: RegexKind.Repeat, Minimum: 0, HasOperators: false } && count.Parts[0].IsAnyCharacter && pattern.MaxDistance < count.Maximum - horizon;
}
