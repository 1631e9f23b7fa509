using CsCheck;
using Llama2.Sampling;

namespace Llama2.Tests.Sampling;

public class TypicalTests
{
    // The tolerance of TopPTests, plus the rounding of a float logarithm for a token's information.
    private const double Rounding = 1e-5;

    // The probabilities 0.5, 0.3, 0.15 and 0.05 have an entropy of 1.142; their information contents differ from the entropy by 0.449, 0.062, 0.755
    // and 1.854, so the order is 1, 0, 2, 3.
    [Theory]
    [InlineData(0.0, new[] { 1 })]
    [InlineData(0.29, new[] { 1 })]
    [InlineData(0.31, new[] { 0, 1 })]
    [InlineData(0.79, new[] { 0, 1 })]
    [InlineData(0.81, new[] { 0, 1, 2 })]
    [InlineData(0.96, new[] { 0, 1, 2, 3 })]
    public void Process_KnownProbabilities_KeepsThoseNearestTheEntropy(double probability, int[] expected) =>
        new Typical((float)probability).Kept(CandidateLists.LogitsOf(0.5, 0.3, 0.15, 0.05)).Should().Equal(expected);

    [Fact]
    public void Process_EqualLogits_KeepsTheLowestIds() => new Typical(0.5f).Kept(1, 1, 1, 1).Should().Equal(0, 1);

    [Fact]
    public void Process_OneCandidate_KeepsIt() => new Typical(0.2f).Kept(3).Should().Equal(0);

    [Fact]
    public void Process_SortedList_StaysSorted()
    {
        TokenCandidates candidates = CandidateLists.Of(CandidateLists.LogitsOf(0.05, 0.3, 0.5, 0.15));
        candidates.Sort();
        new Typical(0.81f).Process(candidates, []);

        candidates.Ids().Should().Equal(2, 1, 3);
        candidates.IsSorted.Should().BeTrue();
    }

    [Fact]
    public void Process_HugeLogits_KeepsAtLeastOne() => new Typical(0.5f).Kept(float.MaxValue, 0, float.MinValue).Should().Equal(0);

    [Fact]
    public void Process_AnyLogits_KeepsTheNearestUntilTheMassIsReached() =>
        Gen.Select(CandidateLists.Logits, Gen.Float[0, 0.999f]).Sample((logits, probability) =>
        {
            int[] kept = new Typical(probability).Kept(logits);
            double[] probabilities = CandidateLists.Softmax(logits);
            double entropy = probabilities.Sum(p => p > 0 ? -p * Math.Log(p) : 0);
            double[] distances = [.. probabilities.Select(p => Math.Abs(-Math.Log(p) - entropy))];
            int[] dropped = [.. Enumerable.Range(0, logits.Length).Except(kept)];
            double farthest = kept.Max(id => distances[id]), mass = kept.Sum(id => probabilities[id]);

            mass.Should().BeGreaterThanOrEqualTo(probability - Rounding);
            dropped.All(id => distances[id] >= farthest - Rounding).Should().BeTrue();
            if (kept.Length > 1)
            {
                // Without the token farthest from the entropy (the most likely one, if several are equally far), the mass would not have been
                // reached.
                double largestOfFarthest = kept.Where(id => distances[id] >= farthest - Rounding).Max(id => probabilities[id]);
                (mass - largestOfFarthest).Should().BeLessThan(probability + Rounding);
            }
        }, iter: 2_000);
}
