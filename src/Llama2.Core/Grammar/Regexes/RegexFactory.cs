using System.Runtime.InteropServices;

namespace Llama2.Grammar.Regexes;

/// <summary>
/// Creates regular expressions over bytes, and computes their derivatives: the derivative of an expression with respect to a byte matches a text if
/// the expression matches the byte followed by this text (Brzozowski 1964; Owens, Reppy and Turon 2009). With derivatives, intersections and
/// complements are as easy to match as alternatives. Equal expressions are represented by one object, and alternatives are sorted and have no
/// duplicates. Therefore an expression has finitely many derivatives. Not thread-safe.
/// </summary>
internal sealed partial class RegexFactory
{
    /// <summary>The maximum number of expressions of a factory; a constraint that needs more is refused.</summary>
    public const int MaxNodeCount = 200_000;

    private readonly RegexNode[] _fixed;
    private readonly HashSet<ByteSet> _sets = [];
    private int _nextId;
    private int _liveCount;
    private bool _isBuilt;

    public RegexFactory()
    {
        Nothing = Intern(RegexKind.Nothing, default, 0, 0, [], isNullable: false, hasOperators: false, RegexNode.Unreachable, RegexNode.Unreachable);
        Empty = Intern(RegexKind.Empty, default, 0, 0, [], isNullable: true, hasOperators: false, 0, 0);
        AnyByte = Bytes(ByteSet.All);
        Anything = Repeat(AnyByte, 0, int.MaxValue);
        _fixed = [Nothing, Empty, AnyByte, Anything];
    }

    /// <summary>Matches nothing.</summary>
    public RegexNode Nothing { get; }

    /// <summary>Matches the empty text.</summary>
    public RegexNode Empty { get; }

    /// <summary>Matches any one byte.</summary>
    public RegexNode AnyByte { get; }

    /// <summary>Matches every text.</summary>
    public RegexNode Anything { get; }

    /// <summary>Counts the work of all methods. The caller sets another budget before it uses the factory for another purpose.</summary>
    public GrammarBudget Budget { get; set; } = new();

    /// <summary>The number of expressions that were created and have not been forgotten.</summary>
    public int NodeCount => _liveCount;

    /// <summary>The sets of bytes of all expressions.</summary>
    public IReadOnlyCollection<ByteSet> ByteSets => _sets;

    /// <summary>Forgets the expressions that were created, so that their memory can be freed. Expressions that are in use stay valid.</summary>
    public void Forget()
    {
        _slots = new RegexNode?[256];
        foreach (RegexNode node in _fixed)
            _slots[FindSlot(node.Kind, node.Bytes, node.Minimum, node.Maximum, node.Parts)] = node;
        _liveCount = _fixed.Length;
    }

    /// <summary>Ends the building of a grammar: from now on a search that exceeds its limit gives up instead of throwing an exception.</summary>
    public void EndBuilding()
    {
        _isBuilt = true;
        Budget = new GrammarBudget(long.MaxValue);
    }

    /// <summary>Adds a set of bytes that the byte classes have to distinguish from other bytes, even if no expression contains it.</summary>
    public void Distinguish(ByteSet set) => _sets.Add(set);

    /// <summary>Matches one byte of a set.</summary>
    public RegexNode Bytes(ByteSet set)
    {
        if (set.IsEmpty)
            return Nothing;
        _sets.Add(set);
        return Intern(RegexKind.Bytes, set, 0, 0, [], isNullable: false, hasOperators: false, 1, 1);
    }

    /// <summary>Matches exactly these bytes.</summary>
    public RegexNode Literal(ReadOnlySpan<byte> text)
    {
        RegexNode node = Empty;
        for (int i = text.Length - 1; i >= 0; i--)
            node = Sequence(Bytes(ByteSet.Of(text[i])), node);
        return node;
    }

    /// <summary>Matches exactly this text in UTF-8.</summary>
    public RegexNode Literal(string text) => Literal(System.Text.Encoding.UTF8.GetBytes(text));

    /// <summary>Matches the parts one after the other.</summary>
    public RegexNode Sequence(params ReadOnlySpan<RegexNode> parts)
    {
        RegexNode node = Empty;
        for (int i = parts.Length - 1; i >= 0; i--)
            node = Sequence(parts[i], node);
        return node;
    }

    /// <summary>Matches the first part, then the second.</summary>
    public RegexNode Sequence(RegexNode first, RegexNode second)
    {
        if (first == Nothing || second == Nothing)
            return Nothing;
        if (first == Empty)
            return second;
        if (second == Empty)
            return first;
        if (first.Kind == RegexKind.Sequence)
        {
            // Sequences are nested to the right, so that equal sequences are represented by one object. A long chain is rearranged without recursion.
            var chain = new Stack<RegexNode>();
            while (first.Kind == RegexKind.Sequence)
            {
                chain.Push(first.Parts[0]);
                first = first.Parts[1];
            }

            RegexNode node = Sequence(first, second);
            while (chain.TryPop(out RegexNode? part))
                node = Sequence(part, node);
            return node;
        }

        return Intern(
            RegexKind.Sequence, default, 0, 0, [first, second], first.IsNullable && second.IsNullable, first.HasOperators || second.HasOperators,
            Add(first.Distance, second.Distance), Add(first.LeastDistance, second.LeastDistance));
    }

    /// <summary>Matches the texts that at least one of the parts matches.</summary>
    public RegexNode Either(params ReadOnlySpan<RegexNode> parts)
    {
        var set = new ByteSet();
        var kept = new List<RegexNode>(parts.Length);
        foreach (RegexNode part in parts)
        {
            if (part == Anything)
                return Anything;
            if (part.Kind == RegexKind.Bytes)
                set |= part.Bytes;
            else if (part.Kind == RegexKind.Either)
                AddParts(part.Parts, ref set, kept);
            else if (part != Nothing)
                kept.Add(part);
        }

        if (!set.IsEmpty)
            kept.Add(Bytes(set));
        if (!SortAndJoin(kept, out RegexNode? single))
            return single ?? Nothing;
        if (kept.Contains(Empty) && kept.Exists(part => part != Empty && part.IsNullable))
            kept.Remove(Empty);
        if (kept.Count == 1)
            return kept[0];

        bool isNullable = false, hasOperators = false, isKnown = true;
        int distance = RegexNode.Unreachable, least = RegexNode.Unreachable;
        foreach (RegexNode part in kept)
        {
            isNullable |= part.IsNullable;
            hasOperators |= part.HasOperators;
            isKnown &= part.Distance != RegexNode.Unknown;
            distance = Math.Min(distance, part.Distance);
            least = Math.Min(least, part.LeastDistance);
        }

        return Intern(RegexKind.Either, default, 0, 0, CollectionsMarshal.AsSpan(kept), isNullable, hasOperators, isNullable ? 0 : isKnown ? distance : RegexNode.Unknown, least);
    }

    /// <summary>Matches the texts that all of the parts match.</summary>
    public RegexNode Both(params ReadOnlySpan<RegexNode> parts)
    {
        var kept = new List<RegexNode>(parts.Length);
        foreach (RegexNode part in parts)
        {
            if (part == Nothing)
                return Nothing;
            if (part.Kind == RegexKind.Both)
                kept.AddRange(part.Parts);
            else if (part != Anything)
                kept.Add(part);
        }

        JoinCounts(kept);
        if (!SortAndJoin(kept, out RegexNode? single))
            return single ?? Anything;
        if (kept.Contains(Empty))
            return kept.TrueForAll(part => part.IsNullable) ? Empty : Nothing;
        if (kept.Exists(part => part.Kind == RegexKind.Not && ExcludesAny(part.Parts[0], kept)))
            return Nothing;

        bool isNullable = true;
        int least = 0;
        ByteSet common = ByteSet.All;
        bool areBytes = true;
        foreach (RegexNode part in kept)
        {
            isNullable &= part.IsNullable;
            least = Math.Max(least, part.LeastDistance);
            areBytes &= part.Kind == RegexKind.Bytes;
            common &= part.Bytes;
        }

        if (areBytes)
            return Bytes(common);
        if (common.IsEmpty)
            return isNullable ? Empty : Nothing;
        if (least == RegexNode.Unreachable)
            return Nothing;
        return Intern(RegexKind.Both, default, 0, 0, CollectionsMarshal.AsSpan(kept), isNullable, hasOperators: true, isNullable ? 0 : RegexNode.Unknown, least);
    }

    /// <summary>
    /// Matches everything that the part does not match, including bytes that are not valid text. To exclude such bytes, intersect the result with
    /// valid text: see <see cref="Both"/>.
    /// </summary>
    public RegexNode Not(RegexNode part)
    {
        if (part.Kind == RegexKind.Not)
            return part.Parts[0];
        if (part == Nothing)
            return Anything;
        if (part == Anything)
            return Nothing;
        bool isNullable = !part.IsNullable;
        return Intern(RegexKind.Not, default, 0, 0, [part], isNullable, hasOperators: true, isNullable ? 0 : RegexNode.Unknown, isNullable ? 0 : 1);
    }

    /// <summary>Matches the texts that the part matches and the excluded expression does not match.</summary>
    public RegexNode Except(RegexNode part, RegexNode excluded) => excluded == Nothing ? part : Both(part, Not(excluded));

    /// <summary>Matches the part a number of times.</summary>
    /// <param name="part">The expression that is repeated.</param>
    /// <param name="minimum">The lowest number of repetitions, 0 or more.</param>
    /// <param name="maximum">The highest number of repetitions; <see cref="int.MaxValue"/> for no limit.</param>
    public RegexNode Repeat(RegexNode part, int minimum, int maximum)
    {
        if (maximum < minimum)
            return Nothing;
        if (maximum == 0 || part == Empty)
            return Empty;
        if (part == Nothing)
            return minimum == 0 ? Empty : Nothing;
        if (minimum == 1 && maximum == 1)
            return part;
        if (part.Kind == RegexKind.Repeat && part.Maximum == int.MaxValue && part.Minimum <= 1)
        {
            // (x*){n,m} is x*, and so is (x+)*.
            if (part.Minimum == 0)
                return part;
            if (minimum <= 1)
                return Repeat(part.Parts[0], minimum, int.MaxValue);
        }

        if (part.IsNullable)
            minimum = 0;
        bool isNullable = minimum == 0;
        int distance = isNullable ? 0 : part.Distance == RegexNode.Unknown ? RegexNode.Unknown : Multiply(part.Distance, minimum);
        return Intern(
            RegexKind.Repeat, default, minimum, maximum, [part], isNullable, part.HasOperators, distance, isNullable ? 0 : Multiply(part.LeastDistance, minimum));
    }

    /// <summary>Matches the part or the empty text.</summary>
    public RegexNode Optional(RegexNode part) => Repeat(part, 0, 1);

    /// <summary>
    /// Matches decimal digits that complete a multiple of the divisor: if the digits are appended to a number with the given remainder, the result is
    /// a multiple of the divisor. The empty text is matched too if the remainder is 0. Points between the digits are ignored. To restrict where a
    /// point may stand, intersect the result with another expression: see <see cref="Both"/>.
    /// </summary>
    /// <param name="divisor">1 to 100,000,000.</param>
    /// <param name="remainder">The remainder of the number to which the digits are appended: 0 or more, and less than the divisor.</param>
    public RegexNode Multiple(int divisor, int remainder = 0)
    {
        for (int digit = 0; digit <= 9; digit++)
            _sets.Add(ByteSet.Of((byte)('0' + digit)));
        _sets.Add(ByteSet.Of((byte)'.'));
        return Intern(
            RegexKind.Multiple, default, remainder, divisor, [], remainder == 0, hasOperators: true, remainder == 0 ? 0 : RegexNode.Unknown, remainder == 0 ? 0 : 1);
    }

    /// <summary>
    /// The derivative of an expression with respect to a byte. The derivative matches a text if the expression matches the byte followed by this
    /// text.
    /// </summary>
    public RegexNode Derive(RegexNode node, byte value)
    {
        if (!node.Bytes.Contains(value))
            return Nothing;
        Budget.Charge(1);
        switch (node.Kind)
        {
            case RegexKind.Bytes:
                return Empty;
            case RegexKind.Sequence:
                return DeriveSequence(node, value);
            case RegexKind.Either:
            case RegexKind.Both:
                var parts = new RegexNode[node.Parts.Length];
                for (int i = 0; i < parts.Length; i++)
                    parts[i] = Derive(node.Parts[i], value);
                return node.Kind == RegexKind.Either ? Either(parts) : Both(parts);
            case RegexKind.Not:
                return Not(Derive(node.Parts[0], value));
            case RegexKind.Repeat:
                RegexNode first = Derive(node.Parts[0], value);
                return first == Nothing
                    ? Nothing
                    : Sequence(first, Repeat(node.Parts[0], Math.Max(0, node.Minimum - 1), node.Maximum == int.MaxValue ? int.MaxValue : node.Maximum - 1));
            case RegexKind.Multiple:
                return value is >= (byte)'0' and <= (byte)'9' ? Multiple(node.Maximum, (int)(((node.Minimum * 10L) + value - '0') % node.Maximum))
                    : value == (byte)'.' ? node : Nothing;
            default:
                return Nothing;
        }
    }

    /// <summary>
    /// The derivative of an expression with respect to any byte of a class. The derivative is cached, so a factory must always be used with the same
    /// classes.
    /// </summary>
    public RegexNode Derive(RegexNode node, int byteClass, ByteClasses classes)
    {
        if (!node.Bytes.Contains(classes.Representative(byteClass)))
            return Nothing;
        if (node.Derivatives is null)
        {
            Budget.Charge(1 + (classes.Count / 16));
            node.Derivatives = new RegexNode?[classes.Count];
        }

        RegexNode?[] derivatives = node.Derivatives;
        return derivatives[byteClass] ??= Derive(node, classes.Representative(byteClass));
    }

    private RegexNode DeriveSequence(RegexNode node, byte value)
    {
        // The loop goes on to the next part as long as all parts before it match the empty text. A recursion in place of the loop would be as
        // deep as the sequence is long.
        List<RegexNode>? alternatives = null;
        while (true)
        {
            RegexNode first = node.Parts[0], rest = node.Parts[1];
            RegexNode derived = Sequence(Derive(first, value), rest);
            if (!first.IsNullable)
                return alternatives is null ? derived : Either([.. alternatives, derived]);
            (alternatives ??= []).Add(derived);
            if (rest.Kind != RegexKind.Sequence)
                return Either([.. alternatives, Derive(rest, value)]);
            node = rest;
        }
    }

    // Whether the excluded expression matches all texts that one of the parts matches, so that nothing is left of this part.
    private static bool ExcludesAny(RegexNode excluded, List<RegexNode> parts) =>
        parts.Contains(excluded) || (excluded.Kind == RegexKind.Either && Array.Exists(excluded.Parts, parts.Contains));

    private static void AddParts(RegexNode[] parts, ref ByteSet set, List<RegexNode> kept)
    {
        foreach (RegexNode part in parts)
        {
            if (part.Kind == RegexKind.Bytes)
                set |= part.Bytes;
            else
                kept.Add(part);
        }
    }

    // Sorts the parts and removes duplicates. Returns whether more than one part is left. If not, the argument single becomes the only part that is
    // left, or null if none is left.
    private bool SortAndJoin(List<RegexNode> parts, out RegexNode? single)
    {
        Budget.Charge(1 + (parts.Count / 2));
        parts.Sort(static (left, right) => left.Id.CompareTo(right.Id));
        int count = 0;
        for (int i = 0; i < parts.Count; i++)
        {
            if (i == 0 || parts[i] != parts[i - 1])
                parts[count++] = parts[i];
        }

        parts.RemoveRange(count, parts.Count - count);
        single = count == 1 ? parts[0] : null;
        return count > 1;
    }

    // Joins repetitions of the same part: the intersection of x* and x{2,5} is x{2,5}. The intersection of x{2,7} and x{1,5} is x{2,5} too, provided that a text can
    // be divided in only one way into texts that x matches.
    private void JoinCounts(List<RegexNode> parts)
    {
        for (int i = 0; i < parts.Count; i++)
        {
            for (int j = parts.Count - 1; j > i && parts[i].Kind == RegexKind.Repeat; j--)
            {
                RegexNode left = parts[i], right = parts[j];
                if (right.Kind != RegexKind.Repeat || left.Parts[0] != right.Parts[0])
                    continue;
                if (left.Parts[0].IsCode || left is { Minimum: 0, Maximum: int.MaxValue } || right is { Minimum: 0, Maximum: int.MaxValue })
                {
                    parts[i] = Repeat(left.Parts[0], Math.Max(left.Minimum, right.Minimum), Math.Min(left.Maximum, right.Maximum));
                    parts.RemoveAt(j);
                }
            }
        }
    }

    private static int Add(int left, int right) =>
        left == RegexNode.Unreachable || right == RegexNode.Unreachable ? RegexNode.Unreachable
        : left == RegexNode.Unknown || right == RegexNode.Unknown ? RegexNode.Unknown
        : (int)Math.Min((long)left + right, RegexNode.Unreachable - 1);

    private static int Multiply(int distance, int count) =>
        distance == RegexNode.Unreachable ? distance : (int)Math.Min((long)distance * count, RegexNode.Unreachable - 1);
}
