using Llama2.Cli.Options;

namespace Llama2.Cli.Tests.Options;

public class NumberRangeTests
{
    [Theory]
    [InlineData(0, 0, "a whole number from 0 to 0")]
    [InlineData(1, 1024, "a whole number from 1 to 1,024")]
    [InlineData(2, int.MaxValue, "a whole number from 2 to 2,147,483,647")]
    [InlineData(int.MinValue, -3, "a whole number from -2,147,483,648 to -3")]
    public void Describe_WholeNumbers_FindsBothEnds(int min, int max, string expected) =>
        NumberRange.Describe<int>(value => value >= min && value <= max ? value : throw new ArgumentException(null), max).Should().Be(expected);

    [Fact]
    public void Describe_AllNumbers_AreThoseOfTheType() =>
        NumberRange.Describe<ulong>(value => value, null).Should().Be("a whole number from 0 to 18,446,744,073,709,551,615");

    [Fact]
    public void Describe_Fractions_FindsEndsThatAreTakenAndEndsThatAreNot()
    {
        NumberRange.Describe<float>(value => value is >= 0 and <= 0.9f ? value : throw new ArgumentException(null), null).Should().Be("a number from 0 to 0.9");
        NumberRange.Describe<float>(value => value is > 0 and <= 100 ? value : throw new ArgumentException(null), null).Should().Be("a number above 0 and of at most 100");
        NumberRange.Describe<double>(value => value is > 0 and < 1 ? value : throw new ArgumentException(null), null).Should().Be("a number above 0 and below 1");
        NumberRange.Describe<double>(value => value >= 1 && double.IsFinite(value) ? value : throw new ArgumentException(null), null).Should().Be("a number of at least 1");
        NumberRange.Describe<double>(value => value < 7 ? value : throw new ArgumentException(null), null).Should().Be("a number below 7");
        NumberRange.Describe<float>(value => value, null).Should().Be("a number");
    }
}
