using CsCheck;

namespace Llama2.Tests.Sampling;

public class TokenCandidatesTests
{
    [Fact]
    public void KeepHighest_AnyLogitsAndCount_IsTheHeadOfAFullSort() =>
        Gen.Select(CandidateLists.Logits, Gen.Int[1, 220]).Sample((logits, count) =>
        {
            TokenCandidates candidates = CandidateLists.Of(logits);
            candidates.KeepHighest(count);
            int[] expected = CandidateLists.Ordered(logits)[..Math.Min(count, logits.Length)];
            candidates.Ids().Should().Equal(expected);
            candidates.Logits.ToArray().Should().Equal(expected.Select(id => logits[id]));
            candidates.IsSorted.Should().BeTrue();
        }, iter: 2_000);

    [Theory]
    [InlineData(1)]
    [InlineData(40)]
    [InlineData(1_000)]
    [InlineData(31_999)]
    [InlineData(32_000)]
    public void KeepHighest_WholeVocabulary_IsTheHeadOfAFullSort(int count)
    {
        var random = new Random(5);
        float[] shuffled = [.. Enumerable.Range(0, 32_000).Select(_ => (float)(random.NextDouble() * 30 - 15))];
        float[] ascending = [.. shuffled.Order()];
        float[] equal = [.. Enumerable.Repeat(1f, 32_000)];
        foreach (float[] logits in new[] { shuffled, ascending, equal })
        {
            TokenCandidates candidates = CandidateLists.Of(logits);
            candidates.KeepHighest(count);
            candidates.Ids().AsSpan().SequenceEqual(CandidateLists.Ordered(logits).AsSpan(0, count)).Should().BeTrue();
        }
    }

    // Numbers that allow all of their 64 tokens, none, or some of them; the last one also has bits without a token.
    [Fact]
    public void Ban_AnyMask_BansTheTokensWhoseBitIsNotSet()
        => Gen.Select(Gen.Int[1, 300], Gen.OneOf(Gen.Const(0UL), Gen.Const(ulong.MaxValue), Gen.ULong).Array[5]).Sample((count, mask) =>
        {
            float[] logits = [.. Enumerable.Range(0, count).Select(token => (float)token)];
            TokenCandidates candidates = CandidateLists.Of(logits);
            candidates.Ban(mask);
            candidates.Logits.ToArray().Should().Equal(logits.Select((logit, token) => (mask[token / 64] >> token % 64 & 1) == 1 ? logit : float.NegativeInfinity));
        });

    [Fact]
    public void Sort_ExtremeValues_OrdersThemAndTreatsZerosAsEqual()
    {
        TokenCandidates candidates = CandidateLists.Of(-0f, float.MinValue, 0f, float.MaxValue, -float.Epsilon, float.NegativeInfinity, float.Epsilon);
        candidates.Sort();

        candidates.Ids().Should().Equal(3, 6, 0, 2, 4, 1, 5);
    }

    [Fact]
    public void KeepAtLeast_KeepsOrderAndIds()
    {
        TokenCandidates candidates = CandidateLists.Of(1, 5, 2, 5, 0);
        candidates.KeepAtLeast(2);

        candidates.Ids().Should().Equal(1, 2, 3);
        candidates.Logits.ToArray().Should().Equal(5, 2, 5);
        candidates.IsWhole.Should().BeFalse();
    }

    [Fact]
    public void Load_AfterFilters_StartsAnew()
    {
        TokenCandidates candidates = CandidateLists.Of(1, 2, 3);
        candidates.KeepHighest(1);
        candidates.Load([6, 5, 4]);

        candidates.Ids().Should().Equal(0, 1, 2);
        (candidates.IsWhole, candidates.IsSorted).Should().Be((true, false));
        candidates.MaxLogit.Should().Be(6);
    }

    [Fact]
    public void ComputeWeights_HugeLogits_AreFiniteRatiosToTheHighest()
    {
        TokenCandidates candidates = CandidateLists.Of(float.MaxValue, 1_000, float.MinValue);
        float[] weights = candidates.ComputeWeights(out double sum).ToArray();

        weights.Should().Equal(1, 0, 0);
        sum.Should().Be(1);
    }
}
