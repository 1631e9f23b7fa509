using CsCheck;
using Llama2.Sampling;

namespace Llama2.Tests.Sampling;

public class LogProbabilitiesTests
{
    [Fact]
    public void Top_KnownProbabilities_AreInOrder()
    {
        LogProbabilities distribution = Of(2, CandidateLists.LogitsOf(0.2, 0.4, 0.1, 0.3));

        TokenLogProbability[] top = distribution.Top();

        top.Select(entry => entry.Token).Should().Equal(1, 3);
        top[0].LogProbability.Should().BeApproximately(MathF.Log(0.4f), 1e-6f);
        top[1].LogProbability.Should().BeApproximately(MathF.Log(0.3f), 1e-6f);
    }

    [Fact]
    public void Top_Ties_GoToTheLowerIds() => Of(3, [1, 2, 1, 2, 1]).Top().Select(entry => entry.Token).Should().Equal(1, 3, 0);

    [Fact]
    public void Top_MoreThanTheVocabularyHas_GivesAll() => Of(20, [1, 3, 2]).Top().Select(entry => entry.Token).Should().Equal(1, 2, 0);

    [Fact]
    public void Load_Again_ForgetsTheLogitsBefore()
    {
        var distribution = new LogProbabilities(3, 2);
        distribution.Load([9, 8, 7], new TokenCandidates(3));
        distribution.Load([1, 2, 3], new TokenCandidates(3));

        distribution.Top().Select(entry => entry.Token).Should().Equal(2, 1);
    }

    [Fact]
    public void Top_ExtremeLogits_AreFiniteAndNeverAboveZero()
    {
        TokenLogProbability[] top = Of(3, [float.MinValue, float.MaxValue, 0]).Top();

        top.Should().Equal(new TokenLogProbability(1, 0), new TokenLogProbability(2, float.MinValue), new TokenLogProbability(0, float.MinValue));
    }

    [Fact]
    public void Top_AnyLogits_EqualsScalarTwin() =>
        Gen.Select(CandidateLists.Logits, Gen.Int[1, 20]).Sample((logits, count) =>
        {
            TokenLogProbability[] top = Of(count, logits).Top();
            double[] probabilities = CandidateLists.Softmax(logits);

            top.Select(entry => entry.Token).Should().Equal(CandidateLists.Ordered(logits).Take(count));
            foreach ((int token, float logProbability) in top)
            {
                // The exponentials in the sum are floats with a relative error of 2⁻²³ each, and the result, whose magnitude is at most 64, is rounded to a
                // float once: together at most 5e-6.
                ((double)logProbability).Should().BeApproximately(Math.Log(probabilities[token]), 5e-6);
            }
        }, iter: 1_000);

    private static LogProbabilities Of(int topCount, float[] logits)
    {
        var distribution = new LogProbabilities(logits.Length, topCount);
        distribution.Load(logits, new TokenCandidates(logits.Length));
        return distribution;
    }
}
