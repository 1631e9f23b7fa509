using Llama2.Grammar.Regexes;

namespace Llama2.Grammar.Matching;

/// <summary>
/// The costs of expressions. The cost of an expression is the number of tokens of a short text that the expression matches; from left to right, the
/// text is divided into the longest tokens that fit. Each token of this text lowers the cost by one, so a generation that has at least as many tokens
/// left as the cost says can always complete the expression. Not thread-safe.
/// </summary>
internal sealed class TokenCosts(RegexFactory regexes, ByteClasses classes, TokenTrie trie)
{
    /// <summary>The maximum length, in bytes, of the short text; a constraint that needs a longer text is refused.</summary>
    public const int MaxLength = 1 << 20;

    /// <summary>The cost of an expression; 0 if the expression matches the empty text. The expression must match at least one text.</summary>
    public int Of(RegexNode start)
    {
        if (start.IsNullable)
            return 0;
        if (start.TokenCost >= 0)
            return start.TokenCost;
        int length = regexes.FindDistance(start, classes);
        if (length == RegexNode.Unreachable)
            return int.MaxValue;
        GrammarLimitException.ThrowIfAbove(length, MaxLength, "bytes in the shortest text of a pattern");

        // The short text, and for each of its bytes the expression that matches the text from there on.
        var nodes = new List<RegexNode>();
        var text = new List<byte>();
        for (RegexNode node = start; !node.IsNullable; node = regexes.Derive(node, classes.ClassOf[text[^1]], classes))
        {
            regexes.Budget.Charge(6);
            nodes.Add(node);
            text.Add(classes.Representative(regexes.FindNextClass(node, classes)));
        }

        byte[] bytes = [.. text];
        var costs = new int[bytes.Length + 1];
        for (int i = bytes.Length - 1; i >= 0; i--)
        {
            costs[i] = 1 + costs[i + Math.Max(1, trie.FindLongest(bytes.AsSpan(i), out _))];
            nodes[i].TokenCost = costs[i];
        }

        return costs[0];
    }
}
