using CsCheck;
using Llama2.Sampling;

namespace Llama2.Tests.Sampling;

public class DryPenaltyTests
{
    private const int A = 0, B = 1, C = 2, Y = 3;
    private static readonly GenerationOptions s_options = new() { DryMultiplier = 1, DryBase = 2, DryAllowedLength = 2 };

    // The text ends with "a b c". "a b c" occurred before and c followed it; "b c" occurred before and y followed it; "c" occurred before and b
    // followed it.
    private static readonly int[] s_history = [A, B, C, C, B, C, Y, A, B, C];

    [Theory]
    [InlineData(1, new float[] { 0, -1, -4, -2 })]
    [InlineData(2, new float[] { 0, 0, -2, -1 })]
    [InlineData(3, new float[] { 0, 0, -1, 0 })]
    [InlineData(4, new float[] { 0, 0, 0, 0 })]
    public void Process_LlamaCppsExample_PenalizesByTheLengthOfTheRepetition(int allowedLength, float[] expected) =>
        Create(s_options with { DryAllowedLength = allowedLength }).Filter(new float[4], s_history).Should().Equal(expected);

    [Fact]
    public void Process_BaseAndMultiplier_AreHeeded() =>
        Create(s_options with { DryMultiplier = 0.5f, DryBase = 3 }).Filter(new float[4], s_history).Should().Equal(0, 0, -1.5f, -0.5f);

    [Theory]
    [InlineData(9, new float[] { 0, 0, -1, -1 })]
    [InlineData(7, new float[] { 0, 0, 0, -1 })]
    [InlineData(4, new float[] { 0, 0, 0, 0 })]
    [InlineData(0, new float[] { 0, 0, 0, 0 })]
    public void Process_Window_HidesWhatIsBefore(int window, float[] expected) =>
        Create(s_options with { DryWindow = window }).Filter(new float[4], s_history).Should().Equal(expected);

    [Fact]
    public void Process_HistoryLongerThanTheCapacity_CountsItsLastTokens() =>
        new DryPenalty(s_options, 7, new SequenceBreakers()).Filter(new float[4], s_history).Should().Equal(0, 0, 0, -1);

    [Fact]
    public void Process_BreakerAtTheEnd_PenalizesNothing() => Create(s_options, [C]).Filter(new float[4], s_history).Should().Equal(0, 0, 0, 0);

    [Fact]
    public void Process_BreakerBeforeTheEnd_LimitsTheLength() => Create(s_options, [A]).Filter(new float[4], s_history).Should().Equal(0, 0, -1, -1);

    [Fact]
    public void Process_BreakerOfTwoTokens_LimitsTheLength() => Create(s_options, [Y, A]).Filter(new float[4], s_history).Should().Equal(0, 0, -1, -1);

    [Fact]
    public void Process_TokenThatIsABreaker_IsNotPenalized() => Create(s_options, [Y]).Filter(new float[4], s_history).Should().Equal(0, 0, -2, 0);

    [Fact]
    public void Process_Twice_CountsFromNothingEachTime()
    {
        DryPenalty penalty = Create(s_options);

        penalty.Filter(new float[4], s_history).Should().Equal(0, 0, -2, -1);
        penalty.Filter(new float[4], A, B, C).Should().Equal(0, 0, 0, 0);
    }

    [Fact]
    public void Process_BannedToken_StaysBanned() =>
        Create(s_options).Filter([0, 0, float.NegativeInfinity, 0], s_history).Should().Equal(0, 0, float.NegativeInfinity, -1);

    [Fact]
    public void Process_PenaltyBeyondAllNumbers_StaysFinite() =>
        Create(s_options with { DryBase = 100, DryMultiplier = 100 }).Filter(new float[4], new int[2_000])[0].Should().Be(float.MinValue);

    [Fact]
    public void Process_MillionEqualTokens_TakesLinearTime()
    {
        // Comparing each suffix separately would take 5·10¹¹ steps.
        int[] history = new int[1_000_000];
        var penalty = new DryPenalty(s_options, history.Length, new SequenceBreakers());

        TimeLimit.Verify(TimeSpan.FromSeconds(1), () => penalty.Filter(new float[4], history)[0].Should().Be(float.MinValue));
    }

    [Fact]
    public void Process_AnyHistory_EqualsScalarTwin() =>
        Gen.Select(Gen.Int[0, 3].Array[0, 60], Gen.Int[1, 4], Gen.Int[0, 70], Gen.Int[0, 3].Array[1, 3].Array[0, 2], Gen.Float[1, 2])
            .Sample((history, allowedLength, window, breakers, growth) =>
            {
                var options = new GenerationOptions { DryMultiplier = 0.8f, DryBase = growth, DryAllowedLength = allowedLength, DryWindow = window };
                float[] actual = Create(options, breakers).Filter(new float[4], history);
                for (int token = 0; token < 4; token++)
                {
                    // The result is rounded to a float once, by a relative 2⁻²⁴.
                    double expected = -ScalarSampling.DryPenalty(options, history, breakers, token);
                    ((double)actual[token]).Should().BeApproximately(expected, 6e-8 * Math.Abs(expected));
                }
            }, iter: 5_000);

    private static DryPenalty Create(GenerationOptions options, params int[][] breakers)
    {
        var sequences = new SequenceBreakers();
        foreach (int[] breaker in breakers)
            sequences.Add(breaker);
        return new DryPenalty(options, 2_000, sequences);
    }
}
