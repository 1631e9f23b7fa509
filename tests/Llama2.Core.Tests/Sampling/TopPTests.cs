using CsCheck;
using Llama2.Sampling;

namespace Llama2.Tests.Sampling;

public class TopPTests
{
    // Probabilities are computed from float logits and float exponentials: relative errors of 20 · 2⁻²⁴ and 2⁻²³ for each weight, together below
    // 2e-6.
    private const double Rounding = 2e-6;

    [Theory]
    [InlineData(0.39, new[] { 1 })]
    [InlineData(0.41, new[] { 1, 3 })]
    [InlineData(0.69, new[] { 1, 3 })]
    [InlineData(0.71, new[] { 1, 3, 0 })]
    [InlineData(0.91, new[] { 1, 3, 0, 2 })]
    [InlineData(0.0, new[] { 1 })]
    [InlineData(1e-30, new[] { 1 })]
    public void Process_KnownProbabilities_KeepsTheNucleus(double probability, int[] expected) =>
        new TopP((float)probability).Kept(CandidateLists.LogitsOf(0.2, 0.4, 0.1, 0.3)).Should().Equal(expected);

    [Fact]
    public void Process_OneCandidate_KeepsIt() => new TopP(0.5f).Kept(-7).Should().Equal(0);

    [Fact]
    public void Process_HugeLogits_KeepsTheHighest() => new TopP(0.99f).Kept(1_000, float.MaxValue, -1_000, float.MinValue).Should().Equal(1);

    [Fact]
    public void Process_AnyLogits_KeepsTheShortestHeadOfTheMass() =>
        Gen.Select(CandidateLists.Logits, Gen.Float[0, 0.999f], Gen.Bool).Sample((logits, probability, isSorted) =>
        {
            TokenCandidates candidates = CandidateLists.Of(logits);
            if (isSorted)
                candidates.Sort();
            new TopP(probability).Process(candidates, []);
            CheckNucleus(logits, probability, candidates.Ids());
        }, iter: 2_000);

    [Theory]
    [InlineData(0.5f, 1f)]
    [InlineData(0.95f, 3f)]
    [InlineData(0.9999f, 0.1f)]
    public void Process_WholeVocabulary_KeepsTheShortestHeadOfTheMass(float probability, float spread)
    {
        var random = new Random(3);
        float[] logits = [.. Enumerable.Range(0, 32_000).Select(_ => (float)(spread * Math.Sqrt(-2 * Math.Log(1 - random.NextDouble()))))];

        CheckNucleus(logits, probability, new TopP(probability).Kept(logits));
    }

    private static void CheckNucleus(float[] logits, float probability, int[] kept)
    {
        double[] probabilities = CandidateLists.Softmax(logits);
        kept.AsSpan().SequenceEqual(CandidateLists.Ordered(logits).AsSpan(0, kept.Length)).Should().BeTrue();
        double mass = kept.Sum(id => probabilities[id]);
        mass.Should().BeGreaterThanOrEqualTo(probability - Rounding);
        if (kept.Length > 1)
            (mass - probabilities[kept[^1]]).Should().BeLessThan(probability + Rounding);
    }
}
