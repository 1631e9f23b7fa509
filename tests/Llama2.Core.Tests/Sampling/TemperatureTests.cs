using CsCheck;
using Llama2.Sampling;

namespace Llama2.Tests.Sampling;

public class TemperatureTests
{
    [Fact]
    public void Process_DividesDistancesFromTheHighest() => new Temperature(0.5f).Filter([1, 3, 2]).Should().Equal(-4, 0, -2);

    [Fact]
    public void Process_TinyTemperature_LeavesOnlyTheHighestWithoutNaN()
    {
        TokenCandidates candidates = CandidateLists.Of(1, 1_000, 999, float.MinValue);
        new Temperature(1e-38f).Process(candidates, []);

        float[] weights = candidates.ComputeWeights(out double sum).ToArray();
        weights.Should().BeEquivalentTo([0, weights[1], 0, 0], options => options.WithStrictOrdering());

        // The vectorized exponential of 0 differs from 1 by at most one rounding.
        sum.Should().BeApproximately(1, 1.2e-7);
    }

    [Fact]
    public void Process_AnyLogits_GivesTheSoftmaxOfTheQuotients() =>
        Gen.Select(CandidateLists.Logits, Gen.Float[0.1f, 10]).Sample((logits, temperature) =>
        {
            double[] expected = CandidateLists.Softmax([.. logits.Select(logit => logit / temperature)]);
            double[] actual = CandidateLists.Softmax(new Temperature(temperature).Filter(logits));
            for (int i = 0; i < logits.Length; i++)
            {
                // Quotients of up to 400 are rounded twice. The relative error of their exponentials is at most 2 · 400 · 2⁻²⁴ = 4.8e-5.
                actual[i].Should().BeApproximately(expected[i], 1e-4 * expected[i] + 1e-300);
            }
        }, iter: 500);
}
