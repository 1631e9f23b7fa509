namespace Llama2.Grammar.Regexes;

/// <summary>
/// Divides the 256 byte values into classes. No expression distinguishes between the bytes of a class, so tables need one column for each class
/// instead of one for each byte. Immutable.
/// </summary>
internal sealed class ByteClasses
{
    private readonly byte[] _classOf = new byte[256];
    private readonly byte[] _representatives;
    private readonly byte[] _preference;
    private readonly int[] _sizes;

    /// <param name="sets">The sets of bytes of all expressions.</param>
    public ByteClasses(IEnumerable<ByteSet> sets)
    {
        var refined = new int[256];
        int count = 1;
        var split = new Dictionary<(int Class, bool IsIn), int>();
        foreach (ByteSet set in sets)
        {
            if (count == 256)
                break;
            split.Clear();
            for (int value = 0; value < 256; value++)
            {
                (int, bool) key = (refined[value], set.Contains((byte)value));
                if (!split.TryGetValue(key, out int newClass))
                    split.Add(key, newClass = split.Count);
                refined[value] = newClass;
            }

            count = split.Count;
        }

        Count = count;
        _representatives = new byte[count];
        _sizes = new int[count];
        // Letters are preferred as representatives, so that the short text that is found for a pattern is readable.
        var rank = new int[count];
        for (int value = 255; value >= 0; value--)
        {
            _classOf[value] = (byte)refined[value];
            _sizes[refined[value]]++;
            if (rank[refined[value]] <= Rank(value))
            {
                rank[refined[value]] = Rank(value);
                _representatives[refined[value]] = (byte)value;
            }
        }

        _preference = [.. Enumerable.Range(0, count).OrderByDescending(index => rank[index]).Select(index => (byte)index)];
    }

    /// <summary>The number of classes, 1 to 256.</summary>
    public int Count { get; }

    /// <summary>The class of each byte.</summary>
    public ReadOnlySpan<byte> ClassOf => _classOf;

    /// <summary>The byte that represents a class: a lower-case letter if the class has one.</summary>
    public byte Representative(int byteClass) => _representatives[byteClass];

    /// <summary>The number of bytes of a class.</summary>
    public int Size(int byteClass) => _sizes[byteClass];

    /// <summary>The class at an index in the order of preference, in which classes with letters come first. The order is used to make up texts.</summary>
    public int InOrderOfPreference(int index) => _preference[index];

    private static int Rank(int value) =>
        char.IsAsciiLetterLower((char)value) ? 5
        : value is '"' ? 4
        : char.IsAsciiLetterOrDigit((char)value) ? 3
        : value is > 0x20 and < 0x7F ? 2
        : 1;
}
