using CsCheck;
using Llama2.Sampling;

namespace Llama2.Tests.Sampling;

public class MinPTests
{
    [Theory]
    [InlineData(0.24, new[] { 0, 1, 2, 3 })]
    [InlineData(0.26, new[] { 0, 1, 3 })]
    [InlineData(0.51, new[] { 1, 3 })]
    [InlineData(0.76, new[] { 1 })]
    public void Process_KnownProbabilities_KeepsByRatioToTheLikeliest(double probability, int[] expected) =>
        new MinP((float)probability).Kept(CandidateLists.LogitsOf(0.2, 0.4, 0.1, 0.3)).Should().Equal(expected);

    [Fact]
    public void Process_One_KeepsTheLikeliestAndItsEquals() => new MinP(1).Kept(2, 3, 1, 3).Should().Equal(1, 3);

    [Fact]
    public void Process_AnyLogits_EqualsScalarTwin() =>
        Gen.Select(CandidateLists.Logits, Gen.Float[1e-6f, 1]).Sample((logits, probability) =>
        {
            var kept = new MinP(probability).Kept(logits).ToHashSet();
            kept.Should().NotBeEmpty();
            for (int id = 0; id < logits.Length; id++)
            {
                // A threshold of up to 34 is rounded to a float twice, by at most 2 · 2⁻¹⁹ = 3.8e-6 together. Logits nearer to the threshold may be kept or dropped.
                double distance = logits[id] - (logits.Max() + Math.Log(probability));
                if (Math.Abs(distance) > 3.9e-6)
                    kept.Contains(id).Should().Be(distance > 0);
            }
        }, iter: 1_000);
}
