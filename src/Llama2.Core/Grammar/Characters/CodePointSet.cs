namespace Llama2.Grammar.Characters;

/// <summary>
/// A set of Unicode scalar values (code points without surrogates), stored as sorted ranges that neither overlap nor touch. Immutable; compared by
/// value.
/// </summary>
internal sealed class CodePointSet : IEquatable<CodePointSet>
{
    public const int MaxCodePoint = 0x10FFFF;

    private const int FirstSurrogate = 0xD800, LastSurrogate = 0xDFFF;

    public static readonly CodePointSet None = new([]);

    /// <summary>All scalar values.</summary>
    public static readonly CodePointSet All = new([(0, FirstSurrogate - 1), (LastSurrogate + 1, MaxCodePoint)]);

    private readonly (int First, int Last)[] _ranges;

    private CodePointSet((int First, int Last)[] ranges) => _ranges = ranges;

    public ReadOnlySpan<(int First, int Last)> Ranges => _ranges;

    public bool IsEmpty => _ranges.Length == 0;

    /// <summary>
    /// The set of the code points in the given ranges, except surrogates. Each range includes both of its ends; the ranges may be in any order.
    /// </summary>
    public static CodePointSet Of(params IEnumerable<(int First, int Last)> ranges)
    {
        var joined = new List<(int First, int Last)>();
        foreach ((int first, int last) in ranges.Where(range => range.First <= range.Last).OrderBy(range => range.First))
        {
            if (joined.Count > 0 && first <= joined[^1].Last + 1)
                joined[^1] = (joined[^1].First, Math.Max(joined[^1].Last, last));
            else
                joined.Add((first, last));
        }

        return new CodePointSet([.. joined]).Intersect(All);
    }

    public static CodePointSet Of(int codePoint) => Of((codePoint, codePoint));

    public static CodePointSet Range(int first, int last) => Of((first, last));

    /// <summary>The characters of a text.</summary>
    public static CodePointSet OfCharacters(string text) => Of(text.EnumerateRunes().Select(rune => (rune.Value, rune.Value)));

    public bool Contains(int codePoint) => Overlaps(codePoint, codePoint);

    /// <summary>Whether any of the code points from <paramref name="first"/> to <paramref name="last"/> is in the set.</summary>
    public bool Overlaps(int first, int last)
    {
        int index = IndexOfRangeEndingAtOrAfter(first);
        return index < _ranges.Length && _ranges[index].First <= last;
    }

    /// <summary>Whether all code points from <paramref name="first"/> to <paramref name="last"/> are in the set.</summary>
    public bool Covers(int first, int last)
    {
        int index = IndexOfRangeEndingAtOrAfter(first);
        return index < _ranges.Length && _ranges[index].First <= first && last <= _ranges[index].Last;
    }

    public CodePointSet Union(CodePointSet other) => Of(_ranges.Concat(other._ranges));

    public CodePointSet Intersect(CodePointSet other)
    {
        var common = new List<(int First, int Last)>();
        for (int i = 0, j = 0; i < _ranges.Length && j < other._ranges.Length;)
        {
            int first = Math.Max(_ranges[i].First, other._ranges[j].First), last = Math.Min(_ranges[i].Last, other._ranges[j].Last);
            if (first <= last)
                common.Add((first, last));
            if (_ranges[i].Last < other._ranges[j].Last)
                i++;
            else
                j++;
        }

        return new CodePointSet([.. common]);
    }

    /// <summary>All scalar values that are not in the set.</summary>
    public CodePointSet Complement()
    {
        var gaps = new List<(int First, int Last)>();
        int next = 0;
        foreach ((int first, int last) in _ranges)
        {
            if (next < first)
                gaps.Add((next, first - 1));
            next = last + 1;
        }

        if (next <= MaxCodePoint)
            gaps.Add((next, MaxCodePoint));
        return new CodePointSet([.. gaps]).Intersect(All);
    }

    public CodePointSet Except(CodePointSet other) => Intersect(other.Complement());

    public bool Equals(CodePointSet? other) => other is not null && _ranges.AsSpan().SequenceEqual(other._ranges);

    public override bool Equals(object? obj) => Equals(obj as CodePointSet);

    public override int GetHashCode()
    {
        var hash = new HashCode();
        foreach ((int first, int last) in _ranges)
        {
            hash.Add(first);
            hash.Add(last);
        }

        return hash.ToHashCode();
    }

    private int IndexOfRangeEndingAtOrAfter(int codePoint)
    {
        int low = 0, high = _ranges.Length;
        while (low < high)
        {
            int middle = (low + high) / 2;
            if (_ranges[middle].Last < codePoint)
                low = middle + 1;
            else
                high = middle;
        }

        return low;
    }
}
