using CsCheck;
using Llama2.Sampling;

namespace Llama2.Tests.Sampling;

public class MirostatTests
{
    private static readonly float[] s_logits = CandidateLists.LogitsOf(0.25, 0.5, 0.125, 0.125);

    // The surprises are 2, 1, 3 and 3 bits; the limit starts at twice the target.
    [Theory]
    [InlineData(0.1f, new[] { 1 })]
    [InlineData(0.9f, new[] { 1 })]
    [InlineData(1.1f, new[] { 0, 1 })]
    [InlineData(1.6f, new[] { 0, 1, 2, 3 })]
    public void Process_First_DropsMoreSurpriseThanTwiceTheTarget(float target, int[] expected) =>
        new Mirostat(target, 0.1f).Kept(s_logits).Should().Equal(expected);

    [Fact]
    public void Process_NoSurpriseAllowed_KeepsTheLikeliestAndItsEquals() => new Mirostat(0.001f, 0.1f).Kept(1, 2, 2, 0).Should().Equal(1, 2);

    [Fact]
    public void Observe_MovesTheLimitAgainstTheError()
    {
        var mirostat = new Mirostat(1.1f, 0.5f);

        // 2.2 - 0.5 · (3 - 1.1) = 1.25, then 1.25 - 0.5 · (0 - 1.1) = 1.8, then 2.35, 2.9 and 3.45.
        mirostat.Accept(0, 0.125);
        mirostat.Kept(s_logits).Should().Equal(1);
        mirostat.Accept(0, 1);
        mirostat.Kept(s_logits).Should().Equal(1);
        mirostat.Accept(0, 1);
        mirostat.Kept(s_logits).Should().Equal(0, 1);
        mirostat.Accept(0, 1);
        mirostat.Kept(s_logits).Should().Equal(0, 1);
        mirostat.Accept(0, 1);
        mirostat.Kept(s_logits).Should().Equal(0, 1, 2, 3);
    }

    [Fact]
    public void Process_HugeLogits_KeepsTheHighest() => new Mirostat(5, 0.1f).Kept(1_000, float.MaxValue, float.MinValue).Should().Equal(1);

    [Fact]
    public void Process_AnyLogits_EqualsScalarTwin() =>
        Gen.Select(CandidateLists.Logits, Gen.Float[0.01f, 10]).Sample((logits, target) =>
        {
            int[] kept = new Mirostat(target, 0.1f).Kept(logits);
            double[] probabilities = CandidateLists.Softmax(logits);
            for (int id = 0; id < logits.Length; id++)
            {
                // A limit of up to 20 and logits of up to 40 are rounded to floats. Each of these two roundings has an error of 2⁻¹⁸ bits; together
                // the errors are 1e-5. Tokens nearer to the limit may be kept or dropped.
                double excess = -Math.Log2(probabilities[id]) - 2.0 * target;
                if (logits[id] == logits.Max())
                    kept.Should().Contain(id);
                else if (Math.Abs(excess) > 1e-5)
                    kept.Contains(id).Should().Be(excess < 0);
            }
        }, iter: 1_000);

    [Theory]
    [InlineData(2f)]
    [InlineData(4f)]
    public void Observe_LongText_HasTheTargetSurprise(float target)
    {
        var random = new Random(5);
        var mirostat = new Mirostat(target, 0.1f);
        double surprise = 0;
        const int Count = 3_000;
        for (int i = 0; i < Count; i++)
        {
            // If no candidate is dropped, the surprise is about 8 bits.
            TokenCandidates candidates = CandidateLists.Of([.. Enumerable.Range(0, 1_000).Select(_ => 10 * random.NextSingle())]);
            mirostat.Process(candidates, []);
            double[] left = CandidateLists.Softmax(candidates.Logits.ToArray());
            double remaining = random.NextDouble();
            double drawn = left.FirstOrDefault(p => (remaining -= p) < 0, left[^1]);
            mirostat.Accept(0, drawn);
            surprise -= Math.Log2(drawn);
        }

        // The sum of the deviations from the target is ten times the distance that the limit moved. The limit stays within 0 to 20, so the mean
        // deviation of a token is at most 20 · 10 / 3,000.
        (surprise / Count).Should().BeApproximately(target, 0.07);
    }
}
