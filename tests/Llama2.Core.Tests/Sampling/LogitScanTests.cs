using CsCheck;
using Llama2.Sampling;

namespace Llama2.Tests.Sampling;

public class LogitScanTests
{
    // Few different values, so that many logits are equal, and lengths around the widths of vectors.
    private static readonly Gen<float[]> s_logits = OneOf(-2f, -1f, -0f, 0f, 1.5f, float.MinValue, float.MaxValue, float.NegativeInfinity).Array[1, 70];

    private static Gen<float> OneOf(params float[] values) => Gen.Int[0, values.Length - 1].Select(i => values[i]);

    [Fact]
    public void IndexOfHighest_AnyLogits_IsTheFirstOfTheHighest()
        => s_logits.Sample(logits =>
        {
            int expected = 0;
            for (int i = 1; i < logits.Length; i++)
            {
                if (logits[i] > logits[expected])
                    expected = i;
            }

            LogitScan.IndexOfHighest(logits).Should().Be(expected);
        });

    [Fact]
    public void FirstNotBelow_AnyStartAndLimit_IsTheFirst()
        => Gen.Select(s_logits, Gen.Int[0, 70], OneOf(-3f, -1f, 0f, -0f, float.MinValue, float.MaxValue, float.PositiveInfinity, float.NegativeInfinity)).Sample((logits, start, limit) =>
        {
            start = Math.Min(start, logits.Length);
            int expected = start;
            while (expected < logits.Length && !(logits[expected] >= limit))
                expected++;
            LogitScan.FirstNotBelow(logits, start, limit).Should().Be(expected);
        });

    [Fact]
    public void FirstInvalid_NaNOrPositiveInfinityAnywhere_IsFound()
        => Gen.Select(s_logits, Gen.Int[0, 69], OneOf(float.NaN, float.PositiveInfinity, -float.NaN)).Sample((logits, index, invalid) =>
        {
            LogitScan.FirstInvalid(logits).Should().Be(logits.Length);
            index %= logits.Length;
            logits = [.. logits];
            logits[index] = invalid;
            LogitScan.FirstInvalid(logits).Should().Be(index);
        });
}
