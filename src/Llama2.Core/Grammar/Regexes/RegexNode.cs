namespace Llama2.Grammar.Regexes;

/// <summary>
/// A regular expression over bytes, created by <see cref="RegexFactory"/>. The factory uses one object for equal expressions. Immutable, except for
/// properties that are computed on demand.
/// </summary>
internal sealed class RegexNode
{
    /// <summary>The <see cref="Distance"/> of an expression that matches nothing.</summary>
    public const int Unreachable = int.MaxValue;

    /// <summary>The <see cref="Distance"/> of an expression whose distance has not been computed.</summary>
    public const int Unknown = -1;

    private int _distance;

    public RegexNode(int id, RegexKind kind, ByteSet bytes, RegexNode[] parts, int minimum, int maximum, bool isNullable, bool hasOperators, int distance)
    {
        Id = id;
        Kind = kind;
        Bytes = bytes;
        Parts = parts;
        Minimum = minimum;
        Maximum = maximum;
        IsNullable = isNullable;
        HasOperators = hasOperators;
        _distance = distance;
    }

    /// <summary>A number that is unique in the factory. Alternatives are sorted by this number.</summary>
    public int Id { get; }

    public RegexKind Kind { get; }

    /// <summary>
    /// A set that contains every byte with which a matching text can begin, and perhaps further bytes: the derivative with respect to any byte outside
    /// this set matches nothing. For <see cref="RegexKind.Bytes"/>, the set of the bytes that the expression matches.
    /// </summary>
    public ByteSet Bytes { get; }

    public RegexNode[] Parts { get; }

    /// <summary>The lowest number of repetitions; for <see cref="RegexKind.Multiple"/>, the remainder of the number that the digits so far make.</summary>
    public int Minimum { get; }

    /// <summary>The highest number of repetitions (<see cref="int.MaxValue"/> for no limit); for <see cref="RegexKind.Multiple"/>, the divisor.</summary>
    public int Maximum { get; }

    /// <summary>Whether the expression matches the empty text.</summary>
    public bool IsNullable { get; }

    /// <summary>
    /// Whether the expression contains <see cref="RegexKind.Both"/>, <see cref="RegexKind.Not"/> or <see cref="RegexKind.Multiple"/>, so that a short
    /// text that the expression matches has to be found by a search.
    /// </summary>
    public bool HasOperators { get; }

    /// <summary>
    /// The number of bytes of a short text that the expression matches. This text is the shortest one, unless it had to be found by a search.
    /// <see cref="Unreachable"/> if the expression matches nothing; <see cref="Unknown"/> until <see cref="RegexFactory.FindDistance"/> computes the
    /// distance.
    /// </summary>
    public int Distance
    {
        get => Volatile.Read(ref _distance);
        set => Volatile.Write(ref _distance, value);
    }

    /// <summary>
    /// Whether no text that the expression matches is the beginning of another text that it matches, so that a sequence of such texts can be divided
    /// in only one way. This is the case for expressions that match one character of an encoding.
    /// </summary>
    public bool IsCode { get; set; }

    /// <summary>
    /// Whether the expression matches every single character of an encoding, so that a repetition of it restricts nothing but the number of
    /// characters.
    /// </summary>
    public bool IsAnyCharacter { get; set; }

    /// <summary>A lower bound of <see cref="Distance"/> that is known without a search.</summary>
    public int LeastDistance { get; init; }

    /// <summary>
    /// An upper bound of the number of bytes of the texts that the expression matches; <see cref="int.MaxValue"/> if there is no longest text.
    /// </summary>
    public int MaxLength { get; init; }

    /// <summary>
    /// An upper bound of the number of bytes that it takes to complete a matching text after any beginning of such a text; <see cref="int.MaxValue"/>
    /// if no bound is known.
    /// </summary>
    public int MaxDistance { get; init; }

    /// <summary>The number of tokens of a short text that the expression matches; -1 until <see cref="Matching.TokenCosts"/> computes this number.</summary>
    public int TokenCost { get; set; } = -1;

    /// <summary>The derivative with respect to each byte class, as far as it has been computed; null before the first derivative is computed.</summary>
    public RegexNode?[]? Derivatives { get; set; }
}
