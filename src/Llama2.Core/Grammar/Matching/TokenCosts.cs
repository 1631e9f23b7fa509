using Llama2.Grammar.Regexes;

namespace Llama2.Grammar.Matching;

/// <summary>
/// The number of tokens that complete an expression: a short text that matches, cut into the longest tokens from the left. Following that text token by token
/// lowers the cost by one each time, which is what makes it safe to plan with. Not thread-safe.
/// </summary>
internal sealed class TokenCosts(RegexFactory regexes, ByteClasses classes, TokenTrie trie)
{
    /// <summary>The longest shortest text in bytes; a constraint that needs more is refused.</summary>
    public const int MaxLength = 1 << 20;

    /// <summary>The cost of an expression, which must match something; 0 if it matches the empty text.</summary>
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

        // The nodes on the way, up to one whose cost is known.
        var nodes = new List<RegexNode>();
        var text = new List<byte>();
        for (RegexNode node = start; !node.IsNullable; node = regexes.Derive(node, classes.ClassOf[text[^1]], classes))
        {
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
