using Llama2.Evaluation.Reports;

namespace Llama2.Evaluation.Tests.Reports;

public sealed class PythonNumberTests
{
    // The texts are those of str in Python 3.11.
    [Theory]
    [InlineData(0.0, "0.0")]
    [InlineData(-2.0, "-2.0")]
    [InlineData(-12.5, "-12.5")]
    [InlineData(-0.00001, "-1e-05")]
    [InlineData(0.0001, "0.0001")]
    [InlineData(1e15, "1000000000000000.0")]
    [InlineData(1e16, "1e+16")]
    [InlineData(double.PositiveInfinity, "inf")]
    [InlineData(double.NegativeInfinity, "-inf")]
    [InlineData(double.NaN, "nan")]
    public void Format_Number_IsReadAsTheSameNumber(double value, string text)
    {
        PythonNumber.Format(value).Should().Be(text);
        PythonNumber.TryParse(text, out double read).Should().BeTrue();
        read.Should().Be(value);
    }
}
