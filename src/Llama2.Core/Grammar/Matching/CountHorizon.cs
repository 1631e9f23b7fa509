using Llama2.Grammar.Regexes;

namespace Llama2.Grammar.Matching;

/// <summary>
/// Replaces a high repetition count by "any number" if a text must be longer than a given number of bytes (the horizon) to reach the count. Such a
/// count has no influence on whether a token of at most that many bytes is allowed. So if a string may have up to 1,000 characters, one mask serves most positions in
/// the string; without the replacement, each position would need its own mask.
/// </summary>
internal static class CountHorizon
{
    // The depth to which an expression is examined. This depth is enough for the rest of a character, a repetition count, and the expression after the count.
    private const int MaxDepth = 8;

    /// <summary>
    /// Creates an expression that is equivalent to the given one for texts that are not longer than the horizon. For each of these texts, the two expressions
    /// agree on two questions: whether they match the text, and whether a text that they match can begin with it.
    /// </summary>
    public static RegexNode Apply(RegexFactory regexes, RegexNode node, int horizon) => Apply(regexes, node, horizon, MaxDepth);

    /// <summary>Whether an expression begins with a repetition whose maximum count is lower than the given number of characters.</summary>
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

    // Whether the maximum of a character count has no effect on tokens of at most the horizon's length: after each such token that the pattern allows, the pattern
    // can be completed before the maximum is reached.
    private static bool IsFarFromBinding(RegexNode count, RegexNode pattern, int horizon) =>
        count is { Kind: RegexKind.Repeat, Minimum: 0, HasOperators: false } && count.Parts[0].IsAnyCharacter && pattern.MaxDistance < count.Maximum - horizon;
}
