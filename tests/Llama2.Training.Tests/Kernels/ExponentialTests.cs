using Llama2.Training.Kernels;

namespace Llama2.Training.Tests.Kernels;

public class ExponentialTests
{
    [Fact]
    public void Apply_NumbersUpToZero_HaveAnErrorOfTwoUnits()
    {
        // Every number from −86 in steps of about 2⁻¹², and small ones; also numbers above 0 that a rounding error of a softmax may cause.
        float[] numbers = [.. Enumerable.Range(0, 86 * 4096 - 8).Select(i => -i / 4096f - i * 1e-9f), -1e-30f, -0f, 0, 1e-6f, 1e-3f];
        float[] actual = [.. numbers];

        Exponential.Apply(actual);

        for (int i = 0; i < numbers.Length; i++)
        {
            float exact = (float)Math.Exp(numbers[i]);
            Math.Abs(BitConverter.SingleToInt32Bits(exact) - BitConverter.SingleToInt32Bits(actual[i])).Should().BeLessThanOrEqualTo(2, $"e^{numbers[i]:R} is {exact:R}, not {actual[i]:R}");
        }
    }

    [Fact]
    public void Apply_NumbersWithoutANormalExponential_AreZeroOrNaN()
    {
        float[] values = [-86.1f, -1000, float.NegativeInfinity, float.MinValue, float.NaN, float.PositiveInfinity, -1, 0, -90];

        Exponential.Apply(values);

        values[..4].Should().OnlyContain(value => value == 0);
        values[8].Should().Be(0);
        float.IsNaN(values[4]).Should().BeTrue();
        float.IsFinite(values[5]).Should().BeFalse("an infinite logit must not become a finite loss");
    }

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(8)]
    [InlineData(9)]
    [InlineData(33)]
    public void Apply_AnyLength_GivesTheBitsOfOneNumber(int length)
    {
        float[] numbers = [.. Enumerable.Range(0, length).Select(i => -0.37f * i)], together = [.. numbers];

        Exponential.Apply(together);

        together.Should().Equal(numbers.Select(number =>
        {
            float[] one = [number];
            Exponential.Apply(one);
            return one[0];
        }));
    }
}
