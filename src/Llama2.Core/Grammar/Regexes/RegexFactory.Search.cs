namespace Llama2.Grammar.Regexes;

// The search for short texts that expressions match.
internal sealed partial class RegexFactory
{
    // The maximum number of parts of expressions that one search examines after the grammar is built. If the search finds no matching text within this limit,
    // the expression counts as one that matches nothing. A generation then never begins a text that would have to match this expression.
    private const int MaxSearchWork = 100_000;
    private const int SearchWeight = 4;

    /// <summary>
    /// The number of bytes of a short text that an expression matches. This text is the shortest one, unless it has to be found by a search.
    /// <see cref="RegexNode.Unreachable"/> if the expression matches nothing.
    /// </summary>
    /// <exception cref="GrammarLimitException">The searches exceed their limit while a grammar is built.</exception>
    public int FindDistance(RegexNode node, ByteClasses classes)
    {
        if (node.Distance == RegexNode.Unknown)
            Search(node, classes);
        return node.Distance;
    }

    /// <summary>
    /// The class of the first byte of the short text that an expression matches. The expression's distance must be neither 0 nor unreachable.
    /// </summary>
    public int FindNextClass(RegexNode node, ByteClasses classes)
    {
        int distance = FindDistance(node, classes);
        for (int index = 0; index < classes.Count; index++)
        {
            int byteClass = classes.InOrderOfPreference(index);
            if (FindDistance(Derive(node, byteClass, classes), classes) == distance - 1)
                return byteClass;
        }

        throw new InvalidOperationException($"No byte leads from an expression of distance {distance} to one of the next lower distance.");
    }

    // A weighted A* search: it examines few expressions and finds a short text, not always the shortest one. Each expression on the way gets the
    // length of the remaining text as its distance, so that the next expression on the way always has a distance that is lower by 1.
    private void Search(RegexNode start, ByteClasses classes)
    {
        var queue = new PriorityQueue<RegexNode, long>();
        var found = new Dictionary<RegexNode, (int Cost, RegexNode? Before)> { [start] = (0, null) };
        long usedBefore = Budget.Used;
        queue.Enqueue(start, 0);
        while (queue.TryDequeue(out RegexNode? node, out _))
        {
            int cost = found[node].Cost;
            if (node.Distance != RegexNode.Unknown)
            {
                for (RegexNode? back = node; back is not null; back = found[back].Before)
                    back.Distance = cost + node.Distance - found[back].Cost;
                return;
            }

            for (int byteClass = 0; byteClass < classes.Count; byteClass++)
            {
                RegexNode next = Derive(node, byteClass, classes);
                if (next == Nothing || next.Distance == RegexNode.Unreachable || !found.TryAdd(next, (cost + 1, node)))
                    continue;
                Budget.Charge(3);
                queue.Enqueue(next, cost + ((long)SearchWeight * Math.Max(next.LeastDistance, next.Distance)));
            }

            if (_isBuilt && Budget.Used - usedBefore > MaxSearchWork)
                break;
        }

        foreach (RegexNode node in found.Keys)
        {
            if (node.Distance == RegexNode.Unknown)
                node.Distance = RegexNode.Unreachable;
        }
    }
}
