namespace Llama2.Grammar.Regexes;

/// <summary>
/// A regular expression over bytes, made by <see cref="RegexFactory"/>, which makes equal expressions one object. Immutable, but for what is computed
/// on demand.
/// </summary>
internal sealed class RegexNode
{
    /// <summary>The <see cref="Distance"/> of an expression that matches nothing.</summary>
    public const int Unreachable = int.MaxValue;

    /// <summary>The <see cref="Distance"/> of an expression for which it has not been computed.</summary>
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

    /// <summary>Unique in the factory; orders the parts of alternatives.</summary>
    public int Id { get; }

    public RegexKind Kind { get; }

    /// <summary>The set of <see cref="RegexKind.Bytes"/>.</summary>
    public ByteSet Bytes { get; }

    public RegexNode[] Parts { get; }

    /// <summary>The lowest number of repetitions; of <see cref="RegexKind.Multiple"/>, the remainder of the digits so far.</summary>
    public int Minimum { get; }

    /// <summary>The highest number of repetitions, <see cref="int.MaxValue"/> for any; of <see cref="RegexKind.Multiple"/>, the divisor.</summary>
    public int Maximum { get; }

    /// <summary>Whether it matches the empty text.</summary>
    public bool IsNullable { get; }

    /// <summary>
    /// Whether it contains <see cref="RegexKind.Both"/>, <see cref="RegexKind.Not"/> or <see cref="RegexKind.Multiple"/>, so that its shortest text has
    /// to be searched.
    /// </summary>
    public bool HasOperators { get; }

    /// <summary>
    /// The number of bytes of a short text that it matches, the shortest unless it had to be searched; <see cref="Unreachable"/> if there is none, <see cref="Unknown"/> if it has not been
    /// computed; see <see cref="RegexFactory.FindDistance"/>.
    /// </summary>
    public int Distance
    {
        get => Volatile.Read(ref _distance);
        set => Volatile.Write(ref _distance, value);
    }

    /// <summary>
    /// Whether none of its texts begins another, so that a text can be divided into them in one way only: characters of an encoding are so.
    /// </summary>
    public bool IsCode { get; set; }

    /// <summary>Whether it matches any one character of an encoding: repeated, it says only how many characters there are.</summary>
    public bool IsAnyCharacter { get; set; }

    /// <summary>A lower bound of <see cref="Distance"/>, which costs nothing.</summary>
    public int LeastDistance { get; init; }

    /// <summary>The number of bytes of the longest text that it matches, or more; <see cref="int.MaxValue"/> if there is no longest.</summary>
    public int MaxLength { get; init; }

    /// <summary>
    /// The number of bytes that complete any beginning of one of its texts, or more; <see cref="int.MaxValue"/> if that is not known.
    /// </summary>
    public int MaxDistance { get; init; }

    /// <summary>The number of tokens that complete it, once <see cref="Matching.TokenCosts"/> has computed it; -1 before.</summary>
    public int TokenCost { get; set; } = -1;

    /// <summary>The derivatives by byte class, as far as they have been computed; null before the first.</summary>
    public RegexNode?[]? Derivatives { get; set; }
}
