namespace Llama2.Grammar.Regexes;

// The table in which equal expressions are one object.
internal sealed partial class RegexFactory
{
    // A hash table with open addressing. Its size is a power of two, and it is at most half full, so it takes 16 to 32 bytes for each expression.
    private RegexNode?[] _slots = new RegexNode?[256];

    private RegexNode Intern(
        RegexKind kind, in ByteSet bytes, int minimum, int maximum, ReadOnlySpan<RegexNode> parts, bool isNullable, bool hasOperators, int distance, int least)
    {
        int slot = FindSlot(kind, bytes, minimum, maximum, parts);
        if (_slots[slot] is { } known)
            return known;
        GrammarLimitException.ThrowIfAbove(++_liveCount, MaxNodeCount, "parts of patterns");
        Budget.Charge(2 + (parts.Length / 16));
        RegexNode[] own = parts.Length == 0 ? [] : parts.ToArray();
        var node = new RegexNode(_nextId++, kind, kind == RegexKind.Bytes ? bytes : FindFirstBytes(kind, own), own, minimum, maximum, isNullable, hasOperators, distance)
        {
            LeastDistance = least,
            MaxLength = FindMaxLength(kind, own, maximum),
            MaxDistance = FindMaxDistance(kind, own, minimum),
        };
        _slots[slot] = node;
        if (_liveCount > _slots.Length / 2)
            Grow();
        return node;
    }

    private void Grow()
    {
        RegexNode?[] nodes = _slots;
        _slots = new RegexNode?[nodes.Length * 2];
        foreach (RegexNode? node in nodes)
        {
            if (node is not null)
                _slots[FindSlot(node.Kind, node.Bytes, node.Minimum, node.Maximum, node.Parts)] = node;
        }
    }

    // The slot of the known expression that equals the described one; if there is none, the free slot for the described one.
    private int FindSlot(RegexKind kind, in ByteSet bytes, int minimum, int maximum, ReadOnlySpan<RegexNode> parts)
    {
        int mask = _slots.Length - 1, slot = (int)Hash(kind, bytes, minimum, maximum, parts) & mask;
        while (_slots[slot] is { } node
            && (node.Kind != kind || node.Minimum != minimum || node.Maximum != maximum || (kind == RegexKind.Bytes && node.Bytes != bytes) || !parts.SequenceEqual(node.Parts)))
            slot = (slot + 1) & mask;
        return slot;
    }

    private static uint Hash(RegexKind kind, in ByteSet bytes, int minimum, int maximum, ReadOnlySpan<RegexNode> parts)
    {
        const ulong Factor = 0x9E3779B97F4A7C15;
        ulong hash = (((ulong)kind * Factor) + (uint)minimum) * Factor;
        hash = (hash + (uint)maximum) * Factor;
        if (kind == RegexKind.Bytes)
            hash += (ulong)(uint)bytes.GetHashCode();
        foreach (RegexNode part in parts)
            hash = ((hash ^ (hash >> 29)) + (uint)part.Id) * Factor;
        return (uint)((hash * Factor) >> 32);
    }

    private static ByteSet FindFirstBytes(RegexKind kind, RegexNode[] parts)
    {
        ByteSet set = kind == RegexKind.Both ? ByteSet.All : default;
        switch (kind)
        {
            case RegexKind.Sequence:
                return parts[0].IsNullable ? parts[0].Bytes | parts[1].Bytes : parts[0].Bytes;
            case RegexKind.Either:
                foreach (RegexNode part in parts)
                    set |= part.Bytes;
                return set;
            case RegexKind.Both:
                foreach (RegexNode part in parts)
                    set &= part.Bytes;
                return set;
            case RegexKind.Repeat:
                return parts[0].Bytes;
            case RegexKind.Multiple:
                return ByteSet.Range('0', '9') | ByteSet.Of((byte)'.');
            default:
                return kind == RegexKind.Not ? ByteSet.All : default;
        }
    }

    private static int FindMaxLength(RegexKind kind, RegexNode[] parts, int maximum)
    {
        long length = kind switch
        {
            RegexKind.Bytes => 1,
            RegexKind.Sequence => (long)parts[0].MaxLength + parts[1].MaxLength,
            RegexKind.Either => parts.Max(part => part.MaxLength),
            RegexKind.Both => parts.Min(part => part.MaxLength),
            RegexKind.Repeat => (long)parts[0].MaxLength * maximum,
            RegexKind.Not or RegexKind.Multiple => int.MaxValue,
            _ => 0,
        };
        return (int)Math.Min(length, int.MaxValue);
    }

    private static int FindMaxDistance(RegexKind kind, RegexNode[] parts, int minimum)
    {
        long distance = kind switch
        {
            RegexKind.Bytes => 1,
            RegexKind.Sequence => Math.Max(Sum(parts[0].MaxDistance, parts[1].LeastDistance), parts[1].MaxDistance),
            RegexKind.Either => parts.Max(part => part.MaxDistance),
            RegexKind.Repeat => Sum(parts[0].MaxDistance, (long)parts[0].LeastDistance * minimum),
            RegexKind.Nothing or RegexKind.Empty => 0,
            _ => int.MaxValue,
        };
        return kind != RegexKind.Bytes && Array.Exists(parts, part => part.HasOperators) ? int.MaxValue : (int)Math.Min(distance, int.MaxValue);

        static long Sum(int left, long right) => left == int.MaxValue ? int.MaxValue : left + right;
    }
}
