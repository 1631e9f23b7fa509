using Llama2.Speculation;

namespace Llama2.Tests.Speculation;

/// <summary>Decisions of a speculator in simulated generations, in which the share of right guesses and the times of passes are known.</summary>
public class SpeculatorTests
{
    private const double PlainSeconds = 0.039;

    [Theory]
    [InlineData(0, 0.98)] // never right: at most 1 % slower, and a token
    [InlineData(0.1, 0.98)]
    [InlineData(0.5, 1.1)]
    [InlineData(0.8, 1.8)]
    [InlineData(0.95, 3)]
    public void Choose_AnyShareOfRightGuesses_IsFasterOrHardlySlower(double share, double leastSpeedup)
        => Simulate(share, sequenceCount: 1, tokenCount: 2000).Should().BeGreaterThan(leastSpeedup);

    [Theory]
    [InlineData(0.2)]
    [InlineData(0.5)]
    [InlineData(0.8)]
    public void Choose_ManySequencesAtOnce_IsNotSlower(double share)
        => Simulate(share, sequenceCount: 16, tokenCount: 500).Should().BeGreaterThan(0.98);

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Choose_WrongGuessesWhileTheSpeedOfMemoryChanges_CostLittle(int seed)
    {
        // The times of a model of 1.1 billion weights on a shared machine: for 20 to 60 tokens, memory is slow, and the passes wait for it; then it is fast,
        // and additional tokens cost time. All times vary by up to a tenth.
        var random = new Random(seed);
        var cost = new PassCost();
        var forecast = new PassForecast(cost);
        Speculator speculator = Create(new FixedDrafter(Enumerable.Repeat(1, 32).ToArray()));
        int[] draft = new int[32];
        double seconds = 0, plainSeconds = 0;
        bool isFast = true;
        for (int token = 0, change = 0; token < 2000; token++)
        {
            if (token == change)
            {
                (isFast, change) = (!isFast, token + random.Next(20, 60));
            }

            int available = speculator.Draft([1], draft);
            forecast.Begin(1, 1, 64);
            int computed = speculator.Choose(available, forecast);
            double variation = 1 + 0.1 * random.NextDouble(), plain = (isFast ? 0.016 : 0.030) * variation;
            double elapsed = computed == 0 ? plain : Math.Max(plain, (0.016 + 0.002 * computed) * variation);
            cost.Add(1 + computed, elapsed);
            forecast.End(elapsed);
            speculator.Learn(1, 0, 0);
            (seconds, plainSeconds) = (seconds + elapsed, plainSeconds + plain);
        }

        (plainSeconds / seconds).Should().BeGreaterThan(0.98);
    }

    [Fact]
    public void Choose_GuessesThatTurnRight_AreUsedThoughEarlierOnesWereWrong()
    {
        var cost = MeasuredCost();
        var forecast = new PassForecast(cost);
        var speculator = Create(new FixedDrafter(1, 2, 3, 4));
        int[] draft = new int[10];
        int used = 0;
        for (int i = 0; i < 300; i++)
        {
            int available = speculator.Draft([1], draft);
            forecast.Begin(1, 1, 64);
            int computed = speculator.Choose(available, forecast);
            forecast.End(cost.SecondsFor(1 + computed));
            bool isRight = i >= 200;
            speculator.Learn(isRight ? computed + 1 : 1, isRight ? Math.Min(available, computed + 1) : 0, isRight ? computed : 0);
            used = i == 199 ? 0 : used + computed;
        }

        used.Should().BeGreaterThan(200);
    }

    [Fact]
    public void Draft_TokensBeyondTheVocabulary_EndTheDraftBeforeThem()
        => Create(new FixedDrafter(3, 9, 10, 4)).Draft([1], new int[10]).Should().Be(2);

    [Fact]
    public void Draft_ImpossibleNumberOfGuesses_Throws()
    {
        Action draft = () => Create(new BadDrafter()).Draft([1], new int[10]);

        draft.Should().Throw<InvalidOperationException>().WithMessage("A drafter returned 11 guesses; it must return 0 to 10.");
    }

    [Fact]
    public void Draft_SeveralSources_AsksThemInOrder()
    {
        int[] draft = new int[10];
        var speculator = Create(new FixedDrafter(), new FixedDrafter(7, 8), new FixedDrafter(9));

        speculator.Draft([1], draft).Should().Be(2);
        draft[..2].Should().Equal(7, 8);
    }

    [Fact]
    public void Draft_SourceThatIsSeldomRight_IsPassedOver()
    {
        int[] draft = new int[10];
        var speculator = Create(new FixedDrafter(7, 8), new FixedDrafter(9));
        for (int i = 0; i < 10; i++)
        {
            speculator.Draft([1], draft);
            speculator.Learn(1, draft[0] == 9 ? 1 : 0, 0);
        }

        speculator.Draft([1], draft).Should().Be(1);
        draft[0].Should().Be(9);
    }

    // Returns the simulated speed with guesses, relative to the speed without.
    private static double Simulate(double share, int sequenceCount, int tokenCount)
    {
        PassCost cost = MeasuredCost();
        var forecast = new PassForecast(cost);
        Speculator[] speculators = [.. Enumerable.Range(0, sequenceCount).Select(_ => Create(new FixedDrafter(Enumerable.Repeat(1, 32).ToArray())))];
        int[] draft = new int[32];
        var random = new Random(1);
        double seconds = 0;
        int generated = 0;
        int[] computedCounts = new int[sequenceCount];
        while (generated < tokenCount * sequenceCount)
        {
            forecast.Begin(sequenceCount, sequenceCount, 64);
            for (int i = 0; i < sequenceCount; i++)
            {
                computedCounts[i] = speculators[i].Choose(speculators[i].Draft([1], draft), forecast);
            }

            double pass = cost.SecondsFor(sequenceCount + computedCounts.Sum());
            seconds += pass;
            forecast.End(pass);
            for (int i = 0; i < sequenceCount; i++)
            {
                int computed = computedCounts[i], right = 0;
                while (right <= computed && random.NextDouble() < share)
                {
                    right++;
                }

                generated += Math.Min(right, computed) + 1;
                speculators[i].Learn(right <= computed ? right + 1 : right, right, Math.Min(right, computed));
            }
        }

        return generated * cost.SecondsFor(sequenceCount) / sequenceCount / seconds;
    }

    [Fact]
    public void RequestModelDraft_AfterAPromptThatTookLong_BeginsNoFurtherTextUntilThatIsMadeUpFor()
    {
        const double PromptSeconds = 2;
        var forecast = new PassForecast(MeasuredCost());
        var balance = new DraftBalance();
        Speculator first = CreateForModel(balance), second = CreateForModel(balance);
        IsAsked(first, forecast).Should().BeFalse("the time of a token is not known yet");
        IsAsked(first, forecast).Should().BeTrue();
        first.TakeModelDraft(PromptSeconds, new int[10]);

        int tokenCount = 1;
        while (!IsAsked(second, forecast))
        {
            tokenCount++;
        }

        // 1 % of the time of these tokens is the time of the prompt.
        (tokenCount * PlainSeconds * 0.01).Should().BeApproximately(PromptSeconds, 0.01);
        IsAsked(first, forecast).Should().BeTrue("a text that was begun goes on");
    }

    [Fact]
    public void Draft_DraftModelMayNotBeginWithTheText_TheNextSourceIsAsked()
    {
        var forecast = new PassForecast(MeasuredCost());
        var balance = new DraftBalance();
        balance.Spend(2);
        int[] draft = new int[10];
        var speculator = new Speculator(
            new SpeculationOptions(), [new DraftSlot(new DraftText(100, Llama2.Model.PrefixSharing.None), balance), new DraftSlot(new FixedDrafter(7))], vocabularySize: 10);
        forecast.Begin(1, 1, 64);
        speculator.Choose(0, forecast);

        speculator.Draft([1], draft).Should().Be(1);
        draft[0].Should().Be(7);
        balance.Earn(1, 3);
        speculator.Choose(0, forecast);
        speculator.Draft([1], draft).Should().Be(0, "the draft model guesses before the next pass");
    }

    private static Speculator CreateForModel(DraftBalance balance)
        => new(new SpeculationOptions(), [new DraftSlot(new DraftText(100, Llama2.Model.PrefixSharing.None), balance)], vocabularySize: 10);

    // Whether the draft model is asked before the next token. If not, the token is computed.
    private static bool IsAsked(Speculator speculator, PassForecast forecast)
    {
        speculator.Draft([1], new int[10]);
        forecast.Begin(1, 1, 64);
        if (speculator.RequestModelDraft(10, forecast, secondsPerGuess: 0.004) is not null)
        {
            return true;
        }

        speculator.Choose(0, forecast);
        forecast.End(PlainSeconds);
        speculator.Learn(0, 0, 0);
        return false;
    }

    private static Speculator Create(params IDrafter[] drafters) => new(new SpeculationOptions(), drafters.Select(drafter => new DraftSlot(drafter)), vocabularySize: 10);

    private static PassCost MeasuredCost()
    {
        var cost = new PassCost();
        cost.Add(1, PlainSeconds);
        double[] fourTokens = [0.045, 0.064, 0.092, 0.108, 0.134, 0.158, 0.175, 0.192];
        for (int count = 4; count <= PassCost.MaxTokenCount; count += 4)
        {
            cost.Add(count, count <= 32 ? fourTokens[count / 4 - 1] : 0.192 + 0.005 * (count - 32));
        }

        return cost;
    }

    private sealed class FixedDrafter(params int[] guesses) : IDrafter
    {
        public int Draft(ReadOnlySpan<int> tokens, Span<int> draft)
        {
            int count = Math.Min(guesses.Length, draft.Length);
            guesses.AsSpan(0, count).CopyTo(draft);
            return count;
        }
    }

    private sealed class BadDrafter : IDrafter
    {
        public int Draft(ReadOnlySpan<int> tokens, Span<int> draft) => draft.Length + 1;
    }
}
