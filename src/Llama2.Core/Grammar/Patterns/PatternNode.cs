using Llama2.Grammar.Characters;

namespace Llama2.Grammar.Patterns;

/// <summary>A node of the syntax tree of a pattern. Immutable.</summary>
internal sealed class PatternNode
{
    /// <summary>The <see cref="MaximumLength"/> of a pattern whose length is not limited.</summary>
    public const int NoMaximum = int.MaxValue;

    public static readonly PatternNode Empty = new(PatternNodeKind.Sequence, 0, []);

    private PatternNode(PatternNodeKind kind, int position, PatternNode[] parts)
    {
        Kind = kind;
        Position = position;
        Parts = parts;
        MinimumLength = kind == PatternNodeKind.Choice ? parts.Min(part => part.MinimumLength) : Clamp(parts.Sum(part => (long)part.MinimumLength));
        MaximumLength = kind == PatternNodeKind.Choice ? parts.Max(part => part.MaximumLength) : Clamp(parts.Sum(part => (long)part.MaximumLength));
        IsRegular = Array.TrueForAll(parts, part => part.IsRegular);
    }

    public PatternNodeKind Kind { get; }

    /// <summary>The position in the text of the pattern at which this node begins.</summary>
    public int Position { get; }

    public PatternNode[] Parts { get; }

    public CodePointSet Characters { get; private init; } = CodePointSet.None;

    /// <summary>The lowest number of repetitions.</summary>
    public int Minimum { get; private init; }

    /// <summary>The highest number of repetitions; <see cref="int.MaxValue"/> for no limit.</summary>
    public int Maximum { get; private init; }

    public bool IsNegated { get; private init; }

    /// <summary>The minimum number of characters that this node reads.</summary>
    public int MinimumLength { get; private init; }

    /// <summary>The maximum number of characters that this node reads.</summary>
    public int MaximumLength { get; private init; }

    /// <summary>
    /// Whether this node contains only sets, sequences, choices and repetitions, so that its matches do not depend on the text around them.
    /// </summary>
    public bool IsRegular { get; private init; }

    public static PatternNode OfSet(CodePointSet characters) =>
        new(PatternNodeKind.Set, 0, []) { Characters = characters, MinimumLength = 1, MaximumLength = 1 };

    public static PatternNode Sequence(List<PatternNode> parts) => parts.Count == 1 ? parts[0] : new(PatternNodeKind.Sequence, 0, [.. parts]);

    /// <summary>A choice between the parts. Parts that read a single character are joined into one set.</summary>
    public static PatternNode Choice(List<PatternNode> parts)
    {
        if (parts.Count == 1)
            return parts[0];
        List<PatternNode> sets = parts.FindAll(part => part.Kind == PatternNodeKind.Set);
        if (sets.Count > 1)
        {
            PatternNode joined = OfSet(CodePointSet.Of(sets.SelectMany(part => part.Characters.Ranges.ToArray())));
            if (sets.Count == parts.Count)
                return joined;
            parts = [joined, .. parts.FindAll(part => part.Kind != PatternNodeKind.Set)];
        }

        return new(PatternNodeKind.Choice, 0, [.. parts]);
    }

    public static PatternNode Repeat(PatternNode part, int minimum, int maximum) => new(PatternNodeKind.Repeat, part.Position, [part])
    {
        Minimum = minimum,
        Maximum = maximum,
        MinimumLength = Clamp((long)part.MinimumLength * minimum),
        MaximumLength = part.MaximumLength == 0 ? 0 : Clamp((long)part.MaximumLength * maximum),
    };

    public static PatternNode Assertion(PatternNodeKind kind, int position, bool isNegated = false, PatternNode? part = null) =>
        new(kind, position, part is null ? [] : [part]) { IsNegated = isNegated, MinimumLength = 0, MaximumLength = 0, IsRegular = false };

    /// <summary>Whether this node, or a node inside it, has one of the given kinds.</summary>
    public bool Contains(params ReadOnlySpan<PatternNodeKind> kinds)
    {
        if (kinds.Contains(Kind))
            return true;
        foreach (PatternNode part in Parts)
        {
            if (part.Contains(kinds))
                return true;
        }

        return false;
    }

    private static int Clamp(long length) => (int)Math.Min(length, NoMaximum);
}
