using Llama2.Grammar.Regexes;

namespace Llama2.Grammar.Schemas;

/// <summary>
/// Decides whether an expression matches a given text, and whether it matches any text at all. The searches run while further expressions are being
/// created, so byte classes, which depend on all expressions, cannot be used yet. Not thread-safe.
/// </summary>
internal sealed class RegexSearch(RegexFactory regexes)
{
    /// <summary>The maximum number of expressions in one search, and in all searches together.</summary>
    private const int MaxCount = 2_000, MaxTotalCount = 10_000;

    private readonly Dictionary<RegexNode, bool> _isEmpty = [];
    private int _count;

    /// <summary>Whether an expression matches a text.</summary>
    public bool IsMatch(RegexNode node, ReadOnlySpan<byte> text)
    {
        foreach (byte value in text)
        {
            node = regexes.Derive(node, value);
            if (node == regexes.Nothing)
                return false;
        }

        return node.IsNullable;
    }

    /// <summary>Whether a bounded search proves that no text matches the expression.</summary>
    public bool IsEmpty(RegexNode start)
    {
        if (start.LeastDistance == RegexNode.Unreachable || start.Distance == RegexNode.Unreachable)
            return true;
        if (start.IsNullable || !start.HasOperators)
            return false;
        if (_count > MaxTotalCount)
            return false;
        if (_isEmpty.TryGetValue(start, out bool known))
            return known;
        var found = new HashSet<RegexNode> { start };
        var pending = new Stack<RegexNode>([start]);
        while (pending.TryPop(out RegexNode? node))
        {
            foreach (ByteSet block in FirstBytes(node))
            {
                RegexNode next = regexes.Derive(node, block.First);
                if (next.IsNullable || (next != regexes.Nothing && !next.HasOperators))
                    return _isEmpty[start] = false;
                if (next != regexes.Nothing && found.Add(next))
                    pending.Push(next);
            }

            if (++_count > MaxTotalCount || found.Count > MaxCount)
                return _isEmpty[start] = false;
        }

        return _isEmpty[start] = true;
    }

    // Divides the bytes into sets such that the node has the same derivative with respect to all bytes of a set.
    private List<ByteSet> FirstBytes(RegexNode node)
    {
        var sets = new HashSet<ByteSet>();
        Collect(node, sets);
        regexes.Budget.Charge(4 + (2 * sets.Count));
        var blocks = new List<ByteSet> { ByteSet.All };
        foreach (ByteSet set in sets)
        {
            for (int i = blocks.Count - 1; i >= 0; i--)
            {
                ByteSet inside = blocks[i] & set, outside = blocks[i] & ~set;
                if (inside.IsEmpty || outside.IsEmpty)
                    continue;
                blocks[i] = inside;
                blocks.Add(outside);
            }
        }

        return blocks;
    }

    private static void Collect(RegexNode node, HashSet<ByteSet> sets)
    {
        while (node.Kind == RegexKind.Sequence)
        {
            Collect(node.Parts[0], sets);
            if (!node.Parts[0].IsNullable)
                return;
            node = node.Parts[1];
        }

        if (node.Kind == RegexKind.Bytes)
            sets.Add(node.Bytes);
        if (node.Kind == RegexKind.Multiple)
        {
            for (int digit = '0'; digit <= '9'; digit++)
                sets.Add(ByteSet.Of((byte)digit));
        }

        foreach (RegexNode part in node.Parts)
            Collect(part, sets);
    }
}
