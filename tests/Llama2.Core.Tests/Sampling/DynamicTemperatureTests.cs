using CsCheck;
using Llama2.Sampling;

namespace Llama2.Tests.Sampling;

public class DynamicTemperatureTests
{
    // The probabilities 1/2, 1/4, 1/8 and 1/8 have an entropy of 1.75 bits. The maximum is 2 bits, so the share is 0.875.
    [Theory]
    [InlineData(1f, 0.5f, 1f, 0.5 + 0.875)]
    [InlineData(1f, 0.5f, 2f, 0.5 + 0.875 * 0.875)]
    [InlineData(1f, 0.5f, 0f, 1.5)]
    [InlineData(0.5f, 1f, 1f, 1.5 * 0.875)]
    public void Process_KnownProbabilities_DividesByTheTemperatureOfTheirEntropy(float temperature, float range, float exponent, double expected)
    {
        float[] actual = new DynamicTemperature(temperature, range, exponent).Filter(CandidateLists.LogitsOf(0.5, 0.25, 0.125, 0.125));

        actual[0].Should().Be(0);
        ((double)actual[1]).Should().BeApproximately(-Math.Log(2) / expected, 1e-6);
        ((double)actual[3]).Should().BeApproximately(-Math.Log(4) / expected, 1e-6);
    }

    [Fact]
    public void Process_OneCandidate_LeavesIt() => new DynamicTemperature(1, 1, 1).Filter([3]).Should().Equal(3);

    [Fact]
    public void Process_TemperatureOfZero_LeavesOnlyTheHighestWithoutNaN()
    {
        // Within float precision one token is certain, so the entropy is 0 and the temperature is the lowest, 0.
        float[] actual = new DynamicTemperature(0.5f, 0.5f, 1).Filter([1, 200, float.MinValue]);

        actual[1].Should().Be(0);
        actual[0].Should().BeLessThan(-1e30f);
        actual[2].Should().BeLessThan(-1e30f);
    }

    [Fact]
    public void Process_AnyLogits_EqualsScalarTwin() =>
        Gen.Select(CandidateLists.Logits, Gen.Float[1, 3], Gen.Float[0, 0.4f], Gen.Float[0.2f, 3]).Sample((logits, temperature, range, exponent) =>
        {
            float[] actual = new DynamicTemperature(temperature, range, exponent).Filter(logits);
            double[] probabilities = CandidateLists.Softmax(logits);
            double share = -probabilities.Sum(p => p > 0 ? p * Math.Log(p) : 0) / Math.Log(logits.Length);
            double chosen = temperature - range + 2 * range * Math.Pow(share, exponent);
            for (int i = 0; i < logits.Length && logits.Length > 1; i++)
            {
                // If the share is above 0.05, its relative error is below 1e-5, and so are the errors of its power and of the temperature; the
                // quotient is below 40 / 0.6.
                if (share > 0.05)
                    ((double)actual[i]).Should().BeApproximately((logits[i] - (double)logits.Max()) / chosen, 1e-3);
            }
        }, iter: 500);
}
