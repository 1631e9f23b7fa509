using System.Text.Json;
using CsCheck;
using Llama2.Kernels;

namespace Llama2.Tests.Kernels;

public class RopeFrequenciesTests
{
    private const int ContextLength = 4096;

    public static TheoryData<string> ReferenceCases
    {
        get
        {
            using JsonDocument cases = JsonDocument.Parse(File.ReadAllText(RepositoryFiles.Committed("tests", "data", "rope-frequencies.json")));
            return [.. cases.RootElement.EnumerateArray().Select(entry => entry.GetRawText())];
        }
    }

    public static TheoryData<RopeScalingType> Types => [.. Enum.GetValues<RopeScalingType>()];

    // tests/Reference/rope_frequencies.py: the formulas of transformers in double precision. A power and a few other operations are rounded, each by
    // a relative 2⁻⁵³. The error of the power is multiplied by its exponent, which is at most 14.
    [Theory]
    [MemberData(nameof(ReferenceCases))]
    public void Constructor_ReferenceCase_GivesTransformersFrequenciesAndMagnitude(string json)
    {
        JsonElement entry = JsonDocument.Parse(json).RootElement;
        int headLength = entry.GetProperty("head").GetInt32(), original = entry.GetProperty("original").GetInt32();
        float Number(string name) => entry.GetProperty(name).GetSingle();
        RopeScaling scaling = Enum.Parse<RopeScalingType>(entry.GetProperty("type").GetString()!) switch
        {
            RopeScalingType.Linear => RopeScaling.Linear(Number("factor")),
            RopeScalingType.NtkAware => RopeScaling.NtkAware(Number("factor")),
            RopeScalingType.Yarn => RopeScaling.Yarn(Number("factor"), original, betaFast: Number("betaFast"), betaSlow: Number("betaSlow"), truncatesRamp: entry.GetProperty("truncate").GetBoolean()),
            RopeScalingType.DynamicNtk => RopeScaling.DynamicNtk(Number("factor")).For(original, entry.GetProperty("length").GetInt32()),
            _ => RopeScaling.None,
        };

        var frequencies = new RopeFrequencies(headLength, Number("theta"), scaling, contextLength: 77);

        double[] expected = [.. entry.GetProperty("frequencies").EnumerateArray().Select(value => value.GetDouble())];
        frequencies.Values.Should().HaveCount(headLength / 2).And.HaveSameCount(expected);
        for (int i = 0; i < expected.Length; i++)
        {
            (frequencies.Values[i] / expected[i]).Should().BeApproximately(1, 1e-14, $"of pair {i}");
        }

        frequencies.Magnitude.Should().BeApproximately(entry.GetProperty("magnitude").GetDouble(), 1e-14);
    }

    // The order of operations of llama.cpp (rope_yarn in ggml-cpu's operators): first the position's angle, then its interpolation, then the ramp,
    // and finally the magnitude. The rotation's numbers, of magnitude 2 at most, are rounded to floats.
    [Fact]
    public void Rotation_AnyYarn_IsThatOfLlamaCppsFormula()
    {
        var cases =
            from half in Gen.Int[1, 64]
            from theta in Gen.Float[2, 1e6f]
            from factor in Gen.Float[1, 64]
            from original in Gen.Int[1, 1 << 16]
            from extrapolation in Gen.OneOf(Gen.Const(0f), Gen.Const(1f), Gen.Float[0, 1])
            from attention in Gen.Float[0.5f, 2]
            from slow in Gen.Float[0.5f, 4]
            from fast in Gen.Float[4, 64]
            from position in Gen.Int[0, 1 << 20]
            from factors in Gen.Float[0.5f, 8].Array[half]
            select (2 * half, theta, RopeScaling.Yarn(factor, original, extrapolation, attention, fast, slow), position, factors);
        cases.Sample(
            @case =>
            {
                (int headLength, float theta, RopeScaling scaling, int position, float[] factors) = @case;
                var rotary = new RotaryEmbedding(new RopeFrequencies(headLength, theta, scaling, ContextLength, factors));
                float[] rotation = new float[rotary.RotationLength];
                rotary.Prepare(position, rotation);
                for (int i = 0; i < headLength / 2; i++)
                {
                    (double cosine, double sine) = RopeYarn(i, headLength, theta, scaling, position, factors[i]);
                    // The angle is at most the position, and its values in the two orders of operations differ by a relative 2⁻⁵⁰.
                    double bound = 2.5 * Math.Pow(2, -24) * Math.Max(1, Math.Abs(cosine) + Math.Abs(sine)) + 3 * position * Math.Pow(2, -50);
                    ((double)rotation[2 * i]).Should().BeApproximately(cosine, bound);
                    rotation[2 * i + 1].Should().Be(rotation[2 * i]);
                    ((double)rotation[headLength + 2 * i + 1]).Should().BeApproximately(sine, bound);
                    rotation[headLength + 2 * i].Should().Be(-rotation[headLength + 2 * i + 1]);
                }
            },
            iter: 300);
    }

    [Theory]
    [InlineData(2)]
    [InlineData(4)]
    [InlineData(6)]
    [InlineData(128)]
    public void Constructor_FactorOfOne_ChangesNoBit(int headLength)
    {
        var plain = new RopeFrequencies(headLength, 10_000, RopeScaling.None, ContextLength);
        foreach (RopeScaling scaling in (RopeScaling[])[RopeScaling.Linear(1), RopeScaling.NtkAware(1), RopeScaling.Yarn(1), RopeScaling.Yarn(1, 100, 0.3f)])
        {
            var scaled = new RopeFrequencies(headLength, 10_000, scaling, ContextLength);
            scaled.Values.Should().Equal(plain.Values);
            scaled.Magnitude.Should().Be(1).And.Be(plain.Magnitude);
        }
    }

    [Fact]
    public void Constructor_NtkAware_KeepsTheFastestPairAndSlowsTheSlowestByTheWholeFactor()
    {
        double[] plain = new RopeFrequencies(128, 10_000, RopeScaling.None, ContextLength).Values;
        double[] scaled = new RopeFrequencies(128, 10_000, RopeScaling.NtkAware(8), ContextLength).Values;
        scaled[0].Should().Be(plain[0]);
        (plain[^1] / scaled[^1]).Should().BeApproximately(8, 1e-12);
        plain.Zip(scaled, (before, after) => before / after).Should().BeInAscendingOrder();
    }

    [Fact]
    public void Constructor_Yarn_KeepsPairsThatTurnOftenAndInterpolatesThoseThatHardlyTurn()
    {
        double[] plain = new RopeFrequencies(128, 10_000, RopeScaling.None, ContextLength).Values;
        double[] scaled = new RopeFrequencies(128, 10_000, RopeScaling.Yarn(4), ContextLength).Values;
        for (int i = 0; i < plain.Length; i++)
        {
            double turns = ContextLength * plain[i] / (2 * Math.PI), slowed = plain[i] / scaled[i];
            // The ends of the ramp are whole pairs of elements, so the ramp may begin and end one pair further out than the pair that the number of turns
            // determines. The frequency of a pair is 1.155 times that of the next.
            double expected = turns > 32 * 1.16 ? 1 : turns < 1 / 1.16 ? 4 : Math.Clamp(slowed, 1, 4);
            slowed.Should().BeApproximately(expected, 1e-12, $"pair {i} turns {turns} times");
        }

        scaled.Should().BeInDescendingOrder();
    }

    [Fact]
    public void Constructor_YarnWithoutOriginalLength_TakesTheContextLength()
        => new RopeFrequencies(128, 10_000, RopeScaling.Yarn(4), 2048).Values.Should().Equal(new RopeFrequencies(128, 10_000, RopeScaling.Yarn(4, 2048), 77).Values)
            .And.NotEqual(new RopeFrequencies(128, 10_000, RopeScaling.Yarn(4), 4096).Values);

    [Fact]
    public void Constructor_YarnWithoutExtrapolation_IsLinearAndHasNoTemperature()
    {
        var yarn = new RopeFrequencies(128, 10_000, RopeScaling.Yarn(4, extrapolationFactor: 0, attentionFactor: 1.5f), ContextLength);
        yarn.Values.Should().Equal(new RopeFrequencies(128, 10_000, RopeScaling.Linear(4), ContextLength).Values);
        yarn.Magnitude.Should().Be(1.5);
    }

    [Fact]
    public void Constructor_FactorsOfPairs_DivideTheirFrequencies()
    {
        double[] plain = new RopeFrequencies(4, 10_000, RopeScaling.None, ContextLength).Values;
        new RopeFrequencies(4, 10_000, RopeScaling.None, ContextLength, [1, 8]).Values.Should().Equal(plain[0], plain[1] / 8);
        new RopeFrequencies(4, 10_000, RopeScaling.Linear(2), ContextLength, [4, 1]).Values.Should().Equal(plain[0] / 8, plain[1] / 2);
    }

    [Theory]
    [MemberData(nameof(Types))]
    public void Constructor_Extremes_StaysFinite(RopeScalingType type)
    {
        foreach (float factor in (float[])[1, 1024])
        {
            foreach (float theta in (float[])[1, 1e12f])
            {
                foreach ((int headLength, int original) in ((int, int)[])[(2, 1), (4, 1 << 24), (128, 1), (4096, 1 << 24)])
                {
                    RopeScaling scaling = type switch
                    {
                        RopeScalingType.Linear => RopeScaling.Linear(factor),
                        RopeScalingType.NtkAware => RopeScaling.NtkAware(factor),
                        RopeScalingType.DynamicNtk => RopeScaling.DynamicNtk(factor).For(original, 2 * original),
                        RopeScalingType.Yarn => RopeScaling.Yarn(factor, original, 1, 100, 1_000_000, 0.01f, truncatesRamp: factor > 1),
                        _ => RopeScaling.None,
                    };
                    var frequencies = new RopeFrequencies(headLength, theta, scaling, original);
                    frequencies.Values.Should().OnlyContain(value => value >= 0 && value <= 1);
                    double.IsFinite(frequencies.Magnitude).Should().BeTrue();
                }
            }
        }
    }

    private static (double Cosine, double Sine) RopeYarn(int pair, int headLength, double theta, RopeScaling scaling, int position, float factor)
    {
        double extrapolated = position * Math.Pow(theta, -2.0 * pair / headLength) / factor;
        double interpolated = extrapolated / scaling.Factor;
        double angle = interpolated, length = scaling.AttentionFactor;
        if (scaling.ExtrapolationFactor != 0)
        {
            double start = Math.Max(0, Math.Floor(CorrectionDimension(scaling.BetaFast)));
            double end = Math.Min(headLength - 1, Math.Ceiling(CorrectionDimension(scaling.BetaSlow)));
            double mix = (1 - Math.Min(1, Math.Max(0, (pair - start) / Math.Max(0.001, end - start)))) * scaling.ExtrapolationFactor;
            angle = interpolated * (1 - mix) + extrapolated * mix;
            length *= 1 + 0.1 * Math.Log(scaling.Factor);
        }

        return (Math.Cos(angle) * length, Math.Sin(angle) * length);

        double CorrectionDimension(double rotations)
            => headLength * Math.Log(scaling.OriginalContextLength!.Value / (rotations * 2 * Math.PI)) / (2 * Math.Log(theta));
    }
}
