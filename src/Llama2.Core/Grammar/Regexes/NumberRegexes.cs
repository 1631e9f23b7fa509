using System.Numerics;

namespace Llama2.Grammar.Regexes;

/// <summary>
/// Regular expressions for the text of JSON numbers that lie within exact bounds, or that are multiples of a divisor. <see cref="RegexFactory.Both"/>
/// combines several of these conditions.
/// </summary>
/// <remarks><c>-0</c> is a spelling of 0. Not thread-safe.</remarks>
internal sealed class NumberRegexes
{
    /// <summary>The largest divisor that is allowed. It is counted without its decimal point: 0.25 counts as 25.</summary>
    public const int MaxDivisor = 100_000_000;

    private readonly RegexFactory _factory;
    private readonly DecimalBounds _integers, _decimals;

    public NumberRegexes(RegexFactory factory)
    {
        _factory = factory;
        _integers = new DecimalBounds(factory, hasFraction: false);
        _decimals = new DecimalBounds(factory, hasFraction: true);
        Minus = factory.Literal("-"u8);
        Integer = factory.Sequence(factory.Optional(Minus), _integers.Any);
        Number = factory.Sequence(factory.Optional(Minus), _decimals.Any, factory.Optional(Exponent(null, null)));
    }

    /// <summary>Integers without a fraction and without an exponent.</summary>
    public RegexNode Integer { get; }

    /// <summary>All JSON numbers.</summary>
    public RegexNode Number { get; }

    private RegexNode Minus { get; }

    private RegexNode Digits => _factory.Repeat(Digit(0, 9), 1, int.MaxValue);

    /// <summary>Integers from a minimum to a maximum, both included, without a fraction and without an exponent.</summary>
    /// <param name="minimum">The minimum; null for none.</param>
    /// <param name="maximum">The maximum; null for none.</param>
    public RegexNode IntegerRange(BigInteger? minimum, BigInteger? maximum) =>
        Range(_integers, minimum is { } low ? new ExactDecimal(low, 0) : null, false, maximum is { } high ? new ExactDecimal(high, 0) : null, false);

    /// <summary>
    /// Numbers from a minimum to a maximum, with a fraction of any length. A number with an exponent must have exactly one digit before the point,
    /// from 1 to 9, unless there is no bound or 0 is the only bound.
    /// </summary>
    /// <param name="minimum">A decimal number as JSON writes it; null for none.</param>
    /// <param name="isMinimumExclusive">Whether the minimum itself is left out.</param>
    /// <param name="maximum">A decimal number as JSON writes it; null for none.</param>
    /// <param name="isMaximumExclusive">Whether the maximum itself is left out.</param>
    /// <exception cref="FormatException">A bound is not a number.</exception>
    public RegexNode NumberRange(string? minimum, bool isMinimumExclusive, string? maximum, bool isMaximumExclusive) =>
        Range(
            _decimals, minimum is null ? null : ExactDecimal.Parse(minimum), isMinimumExclusive, maximum is null ? null : ExactDecimal.Parse(maximum),
            isMaximumExclusive);

    /// <summary>Numbers without an exponent that are multiples of a divisor.</summary>
    /// <param name="divisor">A decimal number above 0 as JSON writes it.</param>
    /// <exception cref="FormatException">The divisor is not a number above 0.</exception>
    /// <exception cref="GrammarLimitException">The divisor has too many digits.</exception>
    public RegexNode MultipleOf(string divisor)
    {
        var step = ExactDecimal.Parse(divisor);
        if (step.Mantissa.Sign <= 0)
            throw new FormatException($"the divisor {divisor} is not above 0");
        GrammarLimitException.ThrowIfAbove(step.Mantissa > MaxDivisor ? long.MaxValue : 0, MaxDivisor, "steps in a multiple");

        // The divisor is d / 10^s, where s is its scale. A number with k digits after the point is n / 10^k, where k is at most s. This number is a
        // multiple of the divisor if n is a multiple of d / gcd(d, 10^(s-k)). A fraction may have more than s digits if all digits after the first s
        // are 0.
        var alternatives = new List<RegexNode>();
        for (int count = 0; count <= step.Scale; count++)
        {
            BigInteger shift = BigInteger.Pow(10, step.Scale - count);
            int factor = (int)(step.Mantissa / BigInteger.GreatestCommonDivisor(step.Mantissa, shift));
            RegexNode fraction = count == 0 ? _factory.Empty : _factory.Sequence(Point, _factory.Repeat(Digit(0, 9), count, count));
            RegexNode number = _factory.Sequence(_integers.Any, fraction);
            if (factor > 1)
                number = _factory.Both(number, _factory.Multiple(factor));
            if (count == step.Scale)
            {
                RegexNode zeros = _factory.Repeat(Digit(0, 0), count == 0 ? 1 : 0, int.MaxValue);
                number = _factory.Sequence(number, count == 0 ? _factory.Optional(_factory.Sequence(Point, zeros)) : zeros);
            }

            alternatives.Add(number);
        }

        return _factory.Sequence(_factory.Optional(Minus), _factory.Either([.. alternatives]));
    }

    private RegexNode Point => _factory.Literal("."u8);

    private RegexNode Digit(int first, int last) => _factory.Bytes(ByteSet.Range('0' + first, '0' + last));

    private RegexNode Range(DecimalBounds kind, ExactDecimal? minimum, bool isMinimumExclusive, ExactDecimal? maximum, bool isMaximumExclusive)
    {
        // Creating the expressions of a range takes some 60 microseconds, mostly for integers with many digits. If the bounds have hundreds of
        // digits, the expressions are long, and creating each part of them takes several times as long.
        _factory.Budget.Charge(600 + (20 * (ExcessDigits(minimum) + ExcessDigits(maximum))));
        return _factory.Either(
            Magnitudes(kind, minimum, isMinimumExclusive, maximum, isMaximumExclusive),
            _factory.Sequence(Minus, Magnitudes(kind, Negate(maximum), isMaximumExclusive, Negate(minimum), isMinimumExclusive)));
    }

    // The approximate number of digits beyond the first 20. A number of 64 bits has at most 20 digits.
    private static long ExcessDigits(ExactDecimal? value) => value is { } known ? Math.Max(0, (known.Mantissa.GetBitLength() / 3) - 20) : 0;

    private static ExactDecimal? Negate(ExactDecimal? value) => value is { } known ? -known : null;

    // Numbers without a sign that lie within the bounds.
    private RegexNode Magnitudes(DecimalBounds kind, ExactDecimal? minimum, bool isMinimumExclusive, ExactDecimal? maximum, bool isMaximumExclusive)
    {
        if (maximum is { } below && (below.Mantissa.Sign < 0 || (below.Mantissa.IsZero && isMaximumExclusive)))
            return _factory.Nothing;
        if (minimum is { } above && above.Mantissa.Sign < 0)
            minimum = null;

        RegexNode low = minimum is { } least ? kind.AtLeast(least, isMinimumExclusive) : kind.Any;
        RegexNode high = maximum is { } most ? kind.AtMost(most, isMaximumExclusive) : kind.Any;
        RegexNode plain = low == kind.Any ? high : high == kind.Any ? low : _factory.Both(low, high);
        return kind == _integers ? plain : _factory.Either(plain, WithExponent(minimum, isMinimumExclusive, maximum, isMaximumExclusive));
    }

    private RegexNode WithExponent(ExactDecimal? minimum, bool isMinimumExclusive, ExactDecimal? maximum, bool isMaximumExclusive)
    {
        if (maximum is null && (minimum is null || minimum.Value.Mantissa.IsZero))
            return _factory.Sequence(minimum is not null ? _decimals.AtLeast(minimum.Value, isMinimumExclusive) : _decimals.Any, Exponent(null, null));

        RegexNode low = Scientific(minimum, isMinimumExclusive, isMinimum: true), high = Scientific(maximum, isMaximumExclusive, isMinimum: false);
        return low == high ? low : _factory.Both(low, high);
    }

    // Numbers that are at least a minimum or at most a maximum, written with an exponent and with one digit from 1 to 9 before the point.
    private RegexNode Scientific(ExactDecimal? bound, bool isExclusive, bool isMinimum)
    {
        RegexNode any = _factory.Sequence(Digit(1, 9), _factory.Optional(_factory.Sequence(Point, Digits)));
        if (bound is not { } value || value.Mantissa.IsZero)
            return bound is null || isMinimum ? _factory.Sequence(any, Exponent(null, null)) : _factory.Nothing;

        int digitCount = value.Mantissa.ToString(System.Globalization.CultureInfo.InvariantCulture).Length;
        int exponent = digitCount - 1 - value.Scale;
        var mantissa = new ExactDecimal(value.Mantissa, digitCount - 1);
        RegexNode same = _factory.Both(any, isMinimum ? _decimals.AtLeast(mantissa, isExclusive) : _decimals.AtMost(mantissa, isExclusive));
        return _factory.Either(
            _factory.Sequence(same, Exponent(exponent, exponent)),
            _factory.Sequence(any, isMinimum ? Exponent(exponent + 1, null) : Exponent(null, exponent - 1)));
    }

    private RegexNode Exponent(int? minimum, int? maximum)
    {
        RegexNode zeros = _factory.Repeat(Digit(0, 0), 0, int.MaxValue);
        RegexNode positive = Magnitude(minimum, maximum), negative = Magnitude(-maximum, -minimum);
        return _factory.Sequence(
            _factory.Bytes(ByteSet.Of((byte)'e') | ByteSet.Of((byte)'E')),
            _factory.Either(
                _factory.Sequence(_factory.Optional(_factory.Literal("+"u8)), zeros, positive),
                _factory.Sequence(Minus, zeros, negative)));

        RegexNode Magnitude(int? low, int? high) => low is null && high is null
            ? Digits
            : Magnitudes(_integers, low is { } least ? new ExactDecimal(least, 0) : null, false, high is { } most ? new ExactDecimal(most, 0) : null, false);
    }
}
