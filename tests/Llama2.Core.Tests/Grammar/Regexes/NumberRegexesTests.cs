using System.Globalization;
using System.Numerics;
using CsCheck;
using Llama2.Grammar.Regexes;

namespace Llama2.Tests.Grammar.Regexes;

public class NumberRegexesTests
{
    private static readonly Gen<decimal> s_bounds = Gen.Select(Gen.Int[-1_500, 1_500], Gen.Int[0, 4])
        .Select((digits, scale) => digits / Power(scale));

    private static readonly Gen<string> s_plain = Gen.Select(Gen.Bool, Gen.Int[0, 1_500], Gen.String[Gen.Char["0123456789"], 0, 4])
        .Select((isNegative, integer, fraction) => (isNegative ? "-" : "") + integer.ToString(CultureInfo.InvariantCulture) + (fraction.Length > 0 ? "." + fraction : ""));

    private static readonly Gen<string> s_scientific = Gen.Select(Gen.Bool, Gen.Int[1, 9], Gen.String[Gen.Char["0123456789"], 0, 3], Gen.Int[-5, 5], Gen.OneOf(Gen.Const("e"), Gen.Const("E+"), Gen.Const("e0")))
        .Select((isNegative, first, fraction, exponent, letter) => (isNegative ? "-" : "") + first.ToString(CultureInfo.InvariantCulture)
            + (fraction.Length > 0 ? "." + fraction : "") + (exponent < 0 ? "e-0" : letter) + Math.Abs(exponent).ToString(CultureInfo.InvariantCulture));

    [Theory]
    [InlineData("0", true, true)]
    [InlineData("-0", true, true)]
    [InlineData("-17", true, true)]
    [InlineData("007", false, false)]
    [InlineData("1.0", false, true)]
    [InlineData("1e5", false, true)]
    [InlineData("-0.5E-07", false, true)]
    [InlineData("0e1", false, true)]
    [InlineData("1.", false, false)]
    [InlineData(".5", false, false)]
    [InlineData("+1", false, false)]
    [InlineData("1e", false, false)]
    [InlineData("", false, false)]
    [InlineData("-", false, false)]
    public void IntegerAndNumber_AreThoseOfJson(string text, bool isInteger, bool isNumber)
    {
        var factory = new RegexFactory();
        var numbers = new NumberRegexes(factory);
        factory.Matches(numbers.Integer, text).Should().Be(isInteger);
        factory.Matches(numbers.Number, text).Should().Be(isNumber);
        factory.Matches(numbers.NumberRange(null, false, null, false), text).Should().Be(isNumber);
    }

    [Fact]
    public void IntegerRange_OfAnyBounds_HasTheIntegersBetweenThem() =>
        Gen.Select(Gen.Int[-1_200, 1_200].Nullable(), Gen.Int[-1_200, 1_200].Nullable(), Gen.Int[-1_300, 1_300].Array[20]).Sample((minimum, maximum, values) =>
        {
            var factory = new RegexFactory();
            RegexNode range = new NumberRegexes(factory).IntegerRange(minimum, maximum);
            foreach (int value in (int[])[.. values, minimum ?? 0, maximum ?? 0, (minimum ?? 0) - 1, (maximum ?? 0) + 1, 0])
            {
                bool isInside = !(value < minimum) && !(value > maximum);
                factory.Matches(range, value.ToString(CultureInfo.InvariantCulture)).Should().Be(isInside, "{0} <= {1} <= {2}", minimum, value, maximum);
                factory.Matches(range, value.ToString(CultureInfo.InvariantCulture) + ".0").Should().BeFalse();
            }

            factory.Matches(range, "-0").Should().Be(!(minimum > 0) && !(maximum < 0));
        });

    [Fact]
    public void NumberRange_OfAnyBounds_HasTheNumbersBetweenThem() =>
        Gen.Select(s_bounds.Nullable(), Gen.Bool, s_bounds.Nullable(), Gen.Bool, Gen.OneOf(s_plain, s_scientific).Array[20]).Sample(
            (minimum, isMinimumExclusive, maximum, isMaximumExclusive, texts) =>
            {
                var factory = new RegexFactory();
                RegexNode range = new NumberRegexes(factory).NumberRange(Write(minimum), isMinimumExclusive, Write(maximum), isMaximumExclusive);
                foreach (string text in (string[])[.. texts, Write(minimum) ?? "0", Write(maximum) ?? "0.00", (Write(maximum ?? 0.5m)) + "000", "-0", "0.0"])
                {
                    if (text.Contains("000", StringComparison.Ordinal) && !text.Contains('.', StringComparison.Ordinal))
                        continue;
                    decimal value = decimal.Parse(text, NumberStyles.Float, CultureInfo.InvariantCulture);
                    bool isInside = !(value < minimum) && !(value > maximum)
                        && !(isMinimumExclusive && value == minimum) && !(isMaximumExclusive && value == maximum);
                    factory.Matches(range, text).Should().Be(isInside, "{0} <= {1} <= {2}, {3}, {4}", minimum, text, maximum, isMinimumExclusive, isMaximumExclusive);
                }
            });

    [Theory]
    [InlineData("1e3", "1000", true)]
    [InlineData("1e3", "999.9999", false)]
    [InlineData("1E-2", "0.01", true)]
    [InlineData("1E-2", "0.00999999999999999999999999999999999", false)]
    [InlineData("12345678901234567890123", "12345678901234567890123", true)]
    [InlineData("12345678901234567890123", "12345678901234567890122.9", false)]
    [InlineData("-0", "-0", true)]
    [InlineData("0", "1e-400", true)]
    [InlineData("0", "-1e-400", false)]
    public void NumberRange_OfAMinimumInDigits_IsExact(string minimum, string text, bool isInside)
    {
        var factory = new RegexFactory();
        factory.Matches(new NumberRegexes(factory).NumberRange(minimum, false, null, false), text).Should().Be(isInside);
    }

    [Fact]
    public void MultipleOf_AnyDivisor_HasItsMultiples() =>
        Gen.Select(Gen.Int[1, 2_000], Gen.Int[0, 4], s_plain.Array[20], Gen.Int[-500, 500]).Sample((digits, scale, texts, factor) =>
        {
            decimal divisor = digits / Power(scale);
            var factory = new RegexFactory();
            RegexNode multiples = new NumberRegexes(factory).MultipleOf(Write(divisor)!);
            foreach (string text in (string[])[.. texts, Write(divisor * factor)!, Write(divisor * factor)! + (scale > 0 && Write(divisor * factor)!.Contains('.', StringComparison.Ordinal) ? "00" : ".0")])
            {
                decimal value = decimal.Parse(text, NumberStyles.Float, CultureInfo.InvariantCulture);
                factory.Matches(multiples, text).Should().Be(value % divisor == 0, "{0} is a multiple of {1}", text, divisor);
            }
        });

    [Fact]
    public void MultipleOf_WithARange_MeetsBoth()
    {
        var factory = new RegexFactory();
        var numbers = new NumberRegexes(factory);
        RegexNode both = factory.Both(numbers.MultipleOf("0.25"), numbers.NumberRange("1", true, "2", false));
        foreach (string text in (string[])["1.25", "1.5", "1.750", "2", "2.00"])
            factory.Matches(both, text).Should().BeTrue();
        foreach (string text in (string[])["1", "1.3", "1.251", "2.25", "-1.5"])
            factory.Matches(both, text).Should().BeFalse();
    }

    [Theory]
    [InlineData("0")]
    [InlineData("-2")]
    public void MultipleOf_WhatIsNotAboveZero_Throws(string divisor)
    {
        Action make = () => new NumberRegexes(new RegexFactory()).MultipleOf(divisor);
        make.Should().Throw<FormatException>();
    }

    [Theory]
    [InlineData("1e999999999999")]
    [InlineData("1e-401")]
    public void NumberRange_OfHugeExponents_IsRefused(string bound)
    {
        Action make = () => new NumberRegexes(new RegexFactory()).NumberRange(bound, false, null, false);
        make.Should().Throw<GrammarLimitException>();
        Action divide = () => new NumberRegexes(new RegexFactory()).MultipleOf("100000001");
        divide.Should().Throw<GrammarLimitException>();
    }

    private static decimal Power(int scale) => (decimal)BigInteger.Pow(10, scale);

    private static string? Write(decimal? value) => value is { } known ? (known / 1.0000000000000000000000000000m).ToString(CultureInfo.InvariantCulture) : null;
}
