using System.Globalization;
using CsCheck;
using Llama2.Templating.Characters;

namespace Llama2.Tests.Templating.Characters;

public class DoubleTextTests
{
    // Printed by Python 3.11: repr(float(…)).
    [Theory]
    [InlineData(1e-7, "1e-07")]
    [InlineData(1e-5, "1e-05")]
    [InlineData(0.0001, "0.0001")]
    [InlineData(1e15, "1000000000000000.0")]
    [InlineData(1e16, "1e+16")]
    [InlineData(9999999999999998.0, "9999999999999998.0")]
    [InlineData(1e22, "1e+22")]
    [InlineData(1e23, "1e+23")]
    [InlineData(-2e-308, "-2e-308")]
    [InlineData(5e-324, "5e-324")]
    [InlineData(1.7976931348623157e308, "1.7976931348623157e+308")]
    [InlineData(-0.0, "-0.0")]
    [InlineData(123456789.123456789, "123456789.12345679")]
    [InlineData(3, "3.0")]
    public void Shortest_Number_IsPythonsRepr(double value, string expected) => DoubleText.Shortest(value).Should().Be(expected);

    [Fact]
    public void Shortest_PowersOfTen_AreReadBackAsTheSameNumber()
    {
        for (int exponent = -323; exponent <= 308; exponent++)
            ReadBack(double.Parse($"1e{exponent}", CultureInfo.InvariantCulture));
    }

    [Fact]
    public void Shortest_AnyNumber_IsReadBackAsTheSameNumber() => Gen.Double.Where(double.IsFinite).Sample(ReadBack);

    private static void ReadBack(double value) =>
        double.Parse(DoubleText.Shortest(value), CultureInfo.InvariantCulture).Should().Be(value, "{0} was written", DoubleText.Shortest(value));
}
