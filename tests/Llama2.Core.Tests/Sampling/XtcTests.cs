using CsCheck;
using Llama2.Sampling;

namespace Llama2.Tests.Sampling;

public class XtcTests
{
    [Theory]
    [InlineData(0.41, new[] { 0, 1, 2, 3 })]
    [InlineData(0.39, new[] { 0, 1, 2, 3 })]
    [InlineData(0.29, new[] { 0, 2, 3 })]
    [InlineData(0.19, new[] { 0, 2 })]
    [InlineData(0.09, new[] { 2 })]
    [InlineData(0.0, new[] { 2 })]
    public void Process_KnownProbabilities_DropsTheTopChoicesButTheLast(double threshold, int[] expected) =>
        Always((float)threshold).Kept(CandidateLists.LogitsOf(0.2, 0.4, 0.1, 0.3)).Should().Equal(expected);

    [Fact]
    public void Process_EqualTopChoices_KeepsTheHighestId() => Always(0.2f).Kept(1, 1, 1, -20).Should().Equal(2, 3);

    [Fact]
    public void Process_OneCandidate_KeepsIt() => Always(0).Kept(5).Should().Equal(0);

    [Fact]
    public void Process_SortedList_StaysSorted()
    {
        TokenCandidates candidates = CandidateLists.Of(CandidateLists.LogitsOf(0.2, 0.4, 0.1, 0.3));
        candidates.Sort();
        Always(0.25f).Process(candidates, []);

        candidates.Ids().Should().Equal(3, 0, 2);
        candidates.IsSorted.Should().BeTrue();
    }

    [Fact]
    public void Process_Half_DropsInHalfOfTheSteps()
    {
        var xtc = new Xtc(0.5f, 0.1f, new RandomSource(3));
        int dropped = Enumerable.Range(0, 10_000).Count(_ => xtc.Kept(1, 1, 1).Length == 1);

        // 10,000 throws of a fair coin have a standard deviation of 50; the tolerance is four standard deviations.
        dropped.Should().BeInRange(4_800, 5_200);
    }

    [Fact]
    public void Process_AnyLogits_EqualsScalarTwin() =>
        Gen.Select(CandidateLists.Logits, Gen.Float[0.001f, 0.5f], Gen.Bool).Sample((logits, threshold, isSorted) =>
        {
            TokenCandidates candidates = CandidateLists.Of(logits);
            if (isSorted)
                candidates.Sort();
            Always(threshold).Process(candidates, []);

            double[] probabilities = CandidateLists.Softmax(logits);
            // A probability from float logits and float exponentials has a relative error below 2e-6. Tokens nearer to the threshold may be kept or
            // dropped.
            if (!probabilities.Any(p => Math.Abs(p - threshold) < 2e-6 * threshold))
            {
                int topCount = probabilities.Count(p => p >= threshold);
                candidates.Ids().Order().Should().Equal(CandidateLists.Ordered(logits).Skip(Math.Max(0, topCount - 1)).Order());
            }
        }, iter: 2_000);

    private static Xtc Always(float threshold) => new(1, threshold, new RandomSource(1));
}
