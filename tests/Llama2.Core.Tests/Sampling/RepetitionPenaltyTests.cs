using CsCheck;
using Llama2.Sampling;

namespace Llama2.Tests.Sampling;

public class RepetitionPenaltyTests
{
    [Fact]
    public void Process_Repetition_DividesPositiveAndMultipliesNegativeOnce() =>
        new RepetitionPenalty(2, 0, 0, 64).Filter([4, -4, 0, 4], 0, 0, 1, 2).Should().Equal(2, -8, 0, 4);

    [Fact]
    public void Process_FrequencyAndPresence_SubtractForEachAndOnce() =>
        new RepetitionPenalty(1, 0.5f, 0.25f, 64).Filter([1, 1, 1], 0, 2, 0, 0).Should().Equal(1 - 1.5f - 0.25f, 1, 1 - 0.5f - 0.25f);

    [Fact]
    public void Process_TokensBeforeTheWindow_AreNotPenalized() =>
        new RepetitionPenalty(2, 0, 0, 2).Filter([4, 4, 4], 0, 1, 2).Should().Equal(4, 2, 2);

    [Fact]
    public void Process_Twice_CountsFromNothingEachTime()
    {
        var penalty = new RepetitionPenalty(1, 1, 0, 64);

        penalty.Filter([5, 5], 0, 0, 1).Should().Equal(3, 4);
        penalty.Filter([5, 5], 0).Should().Equal(4, 5);
    }

    [Fact]
    public void Process_BannedToken_StaysBanned() =>
        new RepetitionPenalty(2, -2, -2, 64).Filter([float.NegativeInfinity, 1], 0, 0).Should().Equal(float.NegativeInfinity, 1);

    [Fact]
    public void Process_Overflow_StaysFinite() =>
        new RepetitionPenalty(100, 0, 0, 64).Filter([float.MinValue], 0).Should().Equal(float.MinValue);

    [Fact]
    public void Process_AnyHistory_EqualsScalarTwin() =>
        Gen.Select(Gen.Float[-20, 20].Array[8], Gen.Int[0, 7].Array[0, 50], Gen.Float[0.5f, 3], Gen.Float[-2, 2], Gen.Float[-2, 2], Gen.Int[1, 60])
            .Sample((logits, history, repetition, frequency, presence, window) =>
            {
                float[] actual = new RepetitionPenalty(repetition, frequency, presence, window).Filter(logits, history);
                for (int id = 0; id < 8; id++)
                {
                    int count = history.TakeLast(window).Count(token => token == id);
                    double logit = logits[id];
                    double expected = count == 0 ? logit : (logit > 0 ? logit / repetition : logit * repetition) - count * frequency - presence;

                    // Values below 2⁸ are rounded to floats four times, by at most 4 · 2⁸ · 2⁻²⁴ = 6.1e-5 together.
                    ((double)actual[id]).Should().BeApproximately(expected, 6.2e-5);
                }
            }, iter: 500);
}
