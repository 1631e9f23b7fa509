using Llama2.Speculation;

namespace Llama2.Tests.Speculation;

public class PassForecastTests
{
    private const double PlainSeconds = 0.039;

    [Fact]
    public void Choose_PassesWhoseTimeIsUnknown_GuessesNothing()
        => Begin(new PassCost(), sequences: 1).SecondsPerToken.Should().Be(0);

    [Theory]
    [InlineData(0.99, 31)] // the more, the better
    [InlineData(0.9, 7)] // 5.7 tokens in 64 ms; 3.4 in 45 ms, 8.1 in 108 ms
    [InlineData(0.5, 3)] // the three tokens that cost almost nothing: 1.9 tokens in 45 ms
    [InlineData(0.1, 0)] // 1.1 tokens in 45 ms instead of one in 39 ms
    public void Choose_TimesOfAMeasuredModel_TakesTheNumberWithTheHighestRate(double probability, int expected)
        => Begin(MeasuredCost(), sequences: 1).Choose(probability, 31, maxSeconds: 10).Should().Be(expected);

    [Fact]
    public void Choose_AnyProbability_IsTheBestOfAllNumbers()
    {
        PassCost cost = MeasuredCost();
        for (int percent = 5; percent < 100; percent += 5)
        {
            double probability = percent / 100.0;
            int chosen = Begin(cost, sequences: 1).Choose(probability, 40, maxSeconds: 10);

            int best = Enumerable.Range(0, 41).MaxBy(count => Rate(count) * (count == 0 ? 1.03 : 1));
            Rate(chosen).Should().BeApproximately(Rate(best), 1e-9);

            double Rate(int count) => Enumerable.Range(0, count + 1).Sum(i => Math.Pow(probability, i)) / cost.SecondsFor(1 + count);
        }
    }

    [Fact]
    public void Choose_ManySequences_GuessesNothing()
        => Begin(MeasuredCost(), sequences: 16).Choose(0.8, 31, maxSeconds: 10).Should().Be(0);

    [Fact]
    public void Choose_LittleCredit_ProlongsThePassByNoMore()
        => Begin(MeasuredCost(), sequences: 1).Choose(0.99, 31, maxSeconds: 0.03).Should().Be(7);

    [Fact]
    public void Choose_GuessesThatTakeTime_GuessesFewer()
        => Begin(MeasuredCost(), sequences: 1).Choose(0.8, 31, maxSeconds: 10, secondsPerGuess: 0.02).Should().BeInRange(1, 3);

    [Fact]
    public void Add_GuessesOfOneSequence_LeavesTheOtherSequencesTheRest()
    {
        PassForecast forecast = Begin(MeasuredCost(), sequences: 2, capacity: 20);

        forecast.Add(10, 0.9);

        forecast.Room.Should().Be(8);
    }

    [Theory]
    [InlineData(0.092, 0.0047)] // a pass of two tokens takes 45 ms, one of twelve 92 ms
    [InlineData(0.065, 0.002)]
    [InlineData(0.030, 0)] // faster than without guesses
    [InlineData(1, 0.0092)] // not because of the guesses alone: limited to a pass more than expected
    public void End_PassWithGuesses_AttributesToThemWhatItTookLonger(double seconds, double secondsPerGuess)
    {
        PassForecast forecast = Begin(MeasuredCost(), sequences: 2, capacity: 20);
        forecast.Add(10, 0.9);

        forecast.End(seconds);

        // The later measurements have changed the earlier ones by up to 1 %.
        forecast.SecondsPerGuess.Should().BeApproximately(secondsPerGuess, 1e-4);
    }

    [Fact]
    public void SecondsFor_MoreTokensMeasuredWhenMemoryWasFast_AreNotFasterThanFewer()
    {
        var cost = new PassCost();
        cost.Add(4, 0.020);
        cost.Add(1, 0.030);

        cost.SecondsFor(4).Should().Be(0.030);
        cost.SecondsFor(8).Should().BeGreaterThan(0.030);
    }

    [Fact]
    public void SecondsFor_TimesBetweenMeasuredOnes_LieOnALine()
    {
        var cost = new PassCost();
        cost.Add(1, PlainSeconds);
        cost.Add(16, 0.108);
        cost.Add(32, 0.192);

        cost.SecondsFor(20).Should().BeApproximately(0.108 + (0.192 - 0.108) * 4 / 16, 1e-9);
        cost.SecondsFor(1).Should().Be(PlainSeconds);
        cost.SecondsFor(15).Should().Be(0.108);
    }

    [Fact]
    public void SecondsFor_LongerPassesThanMeasured_GrowWithTheTimeOfAPromptsToken()
    {
        var cost = new PassCost();
        cost.Add(1, 0.04);
        cost.AddPrompt(256, 1.28);

        cost.SecondsFor(11).Should().BeApproximately(0.04 + 10 * 0.005, 1e-9);
    }

    [Fact]
    public void Choose_OneWrongMeasurementOfLongerPasses_IsNotBelievedForEver()
    {
        var cost = new PassCost();
        cost.Add(1, PlainSeconds);
        cost.Add(4, 1);
        Begin(cost, sequences: 1).Choose(0.8, 3, maxSeconds: 10).Should().Be(0);
        for (int pass = 0; pass < 1000; pass++)
        {
            cost.Add(1, PlainSeconds);
        }

        Begin(cost, sequences: 1).Choose(0.8, 3, maxSeconds: 10).Should().Be(3);
    }

    [Fact]
    public void Choose_PromptThatWasComputedSlowly_DoesNotPreventTheFirstGuesses()
    {
        var cost = new PassCost();
        cost.Add(1, PlainSeconds);
        cost.AddPrompt(256, 256);

        Begin(cost, sequences: 1).Choose(0.8, 31, maxSeconds: PlainSeconds / 2).Should().Be(3);
    }

    [Fact]
    public void Add_OnePassThatWasInterrupted_ChangesThePredictionLittle()
    {
        PassCost cost = MeasuredCost();
        cost.Add(1, 10);

        cost.SecondsFor(1).Should().BeLessThan(0.05);
    }

    // The times of 1.1 billion weights in Q4_0, see the comment of PassCost.
    private static PassCost MeasuredCost()
    {
        var cost = new PassCost();
        double[] fourTokens = [0.045, 0.064, 0.092, 0.108, 0.134, 0.158, 0.175, 0.192];
        for (int count = PassCost.MaxTokenCount; count > 0; count -= 4)
        {
            cost.Add(count, count <= 32 ? fourTokens[count / 4 - 1] : 0.192 + 0.005 * (count - 32));
        }

        cost.Add(1, PlainSeconds);
        return cost;
    }

    private static PassForecast Begin(PassCost cost, int sequences, int capacity = 64)
    {
        var forecast = new PassForecast(cost);
        forecast.Begin(sequences, sequences, capacity);
        return forecast;
    }
}
