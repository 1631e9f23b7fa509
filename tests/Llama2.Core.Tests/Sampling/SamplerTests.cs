using Llama2.Sampling;

namespace Llama2.Tests.Sampling;

public class SamplerTests
{
    private static readonly GenerationOptions s_plain = new() { Temperature = 1, TopK = 0, TopP = 1, MinP = 0, Seed = 1 };

    public static TheoryData<string, GenerationOptions> Configurations => new()
    {
        { "defaults", new() { Seed = 1 } },
        { "greedy", new() { Temperature = 0 } },
        { "plain", s_plain },
        { "top-p alone", s_plain with { TopP = 0.9f } },
        { "min-p alone", s_plain with { MinP = 0.1f } },
        { "typical alone", s_plain with { TypicalP = 0.9f } },
        { "xtc alone", s_plain with { XtcProbability = 0.5f } },
        { "dynamic temperature alone", s_plain with { DynamicTemperatureRange = 0.5f } },
        { "dry alone", s_plain with { DryMultiplier = 0.8f } },
        { "mirostat", s_plain with { MirostatTau = 3, DryMultiplier = 0.8f, DynamicTemperatureRange = 0.2f } },
        {
            "everything", new()
            {
                Seed = 1, TypicalP = 0.95f, RepetitionPenalty = 1.1f, FrequencyPenalty = 0.1f, PresencePenalty = 0.1f, LogProbabilities = true,
                DryMultiplier = 0.8f, XtcProbability = 0.5f, DynamicTemperatureRange = 0.3f,
                LogitBias = new Dictionary<int, float> { [7] = 3, [9] = float.NegativeInfinity },
            }
        },
    };

    [Fact]
    public void Sample_ManyOptionsAndLogits_EqualsScalarTwin()
    {
        // The seeds are fixed. So if float rounding decided one case because a number is very near to a threshold, the test would fail always, not only sometimes.
        var random = new Random(42);
        for (int repeat = 0; repeat < 3_000; repeat++)
        {
            int vocabularySize = random.Next(1, 300);
            var options = new GenerationOptions
            {
                Seed = (ulong)repeat,
                Temperature = random.Next(5) == 0 ? 0 : 0.2f + 2 * random.NextSingle(),
                TopK = random.Next(3) == 0 ? 0 : random.Next(1, 100),
                TopP = random.Next(3) == 0 ? 1 : random.NextSingle(),
                MinP = random.Next(3) == 0 ? 0 : random.NextSingle() * 0.2f,
                TypicalP = random.Next(2) == 0 ? 1 : random.NextSingle(),
                RepetitionPenalty = random.Next(2) == 0 ? 1 : 0.5f + random.NextSingle(),
                FrequencyPenalty = random.Next(2) == 0 ? 0 : random.NextSingle(),
                PresencePenalty = random.Next(2) == 0 ? 0 : random.NextSingle() - 0.5f,
                PenaltyWindow = random.Next(0, 40),
                LogitBias = vocabularySize < 3 ? new() : new Dictionary<int, float> { [0] = float.NegativeInfinity, [1] = random.NextSingle() * 5 },
            };
            float[] logits = [.. Enumerable.Range(0, vocabularySize).Select(_ => 20 * random.NextSingle() - 10)];
            int[] history = [.. Enumerable.Range(0, random.Next(60)).Select(_ => random.Next(vocabularySize))];

            double limit = 0;
            int expected = ScalarSampling.Sample(options, new RandomSource(options.Seed.Value), logits, history, [], ref limit);
            new Sampler(options, vocabularySize).Sample(logits, history, out _).Should().Be(expected, "case {0}: {1}", repeat, options);
        }
    }

    [Fact]
    public void Sample_DryXtcDynamicTemperatureAndMirostat_EqualScalarTwinOverATextOfTheirOwn()
    {
        // Fixed seeds, as above.
        var random = new Random(43);
        for (int repeat = 0; repeat < 100; repeat++)
        {
            int vocabularySize = random.Next(2, 40);
            bool isMirostat = random.Next(3) == 0;
            var options = new GenerationOptions
            {
                Seed = (ulong)repeat,
                Temperature = random.Next(8) == 0 ? 0 : 0.5f + random.NextSingle(),
                TopK = random.Next(3) == 0 ? 0 : random.Next(1, 40),
                TopP = random.Next(2) == 0 ? 1 : random.NextSingle(),
                MinP = random.Next(2) == 0 ? 0 : random.NextSingle() * 0.2f,
                RepetitionPenalty = random.Next(2) == 0 ? 1 : 0.5f + random.NextSingle(),
                DynamicTemperatureRange = random.Next(2) == 0 ? 0 : random.NextSingle(),
                DynamicTemperatureExponent = 0.5f + random.NextSingle(),
                XtcProbability = random.Next(2) == 0 ? 0 : random.NextSingle(),
                XtcThreshold = 0.6f * random.NextSingle(),
                DryMultiplier = random.Next(3) == 0 ? 0 : 2 * random.NextSingle(),
                DryBase = 1 + random.NextSingle(),
                DryAllowedLength = random.Next(1, 4),
                DryWindow = random.Next(3) == 0 ? null : random.Next(30),
                MirostatTau = isMirostat ? 0.5f + 4 * random.NextSingle() : 0,
                MirostatEta = random.NextSingle(),
            };
            int[][] breakers = [.. Enumerable.Range(0, random.Next(3)).Select(i => Enumerable.Range(0, i + 1).Select(_ => random.Next(vocabularySize)).ToArray())];
            float[] logits = [.. Enumerable.Range(0, vocabularySize).Select(_ => 8 * random.NextSingle() - 4)];

            Sampler sampler = Create(options, vocabularySize, breakers);
            var twinsRandom = new RandomSource(options.Seed.Value);
            double limit = 2.0 * options.MirostatTau;
            var history = new List<int>();
            for (int i = 0; i < 40; i++)
            {
                int expected = ScalarSampling.Sample(options, twinsRandom, logits, [.. history], breakers, ref limit);
                sampler.Sample(logits, history.ToArray(), out _).Should().Be(expected, "case {0}, token {1}: {2}", repeat, i, options);
                history.Add(expected);
            }
        }
    }

    [Fact]
    public void Sample_Mirostat_LeavesOutTheFilters()
    {
        GenerationOptions mirostat = s_plain with { MirostatTau = 5 };

        Run(mirostat with { TopK = 1, TopP = 0, MinP = 1, TypicalP = 0, XtcProbability = 1, XtcThreshold = 0 }, 50).Should().Equal(Run(mirostat, 50));
    }

    [Fact]
    public void Sample_XtcThresholdAboveAHalf_IsOff() =>
        Run(s_plain with { XtcProbability = 1, XtcThreshold = 0.51f }, 50).Should().Equal(Run(s_plain, 50));

    [Fact]
    public void Sample_TopLogProbabilitiesAsked_GivesTheModelsOwnAndTheChosenTokens()
    {
        float[] logits = RandomLogits(500, 3);
        double[] probabilities = CandidateLists.Softmax(logits);
        var options = new GenerationOptions { Seed = 5, TopLogProbabilityCount = 3, RepetitionPenalty = 1.5f, Temperature = 2, LogitBias = new Dictionary<int, float> { [1] = 100 } };
        var sampler = new Sampler(options, logits.Length);

        int token = sampler.Sample(logits, [1, 2, 3], out float logProbability);

        token.Should().Be(1);
        ((double)logProbability).Should().BeApproximately(Math.Log(probabilities[token]), 3.1e-6);
        sampler.TopLogProbabilities!.Select(entry => entry.Token).Should().Equal(CandidateLists.Ordered(logits)[..3]);
    }

    [Fact]
    public void Sample_TopLogProbabilitiesNotAsked_GivesNull()
    {
        var sampler = new Sampler(new() { LogProbabilities = true }, 2);
        sampler.Sample([1, 2], [], out _);

        sampler.TopLogProbabilities.Should().BeNull();
    }

    [Fact]
    public void Sample_Greedy_TakesTheLowestIdAmongEquals()
    {
        var sampler = new Sampler(new() { Temperature = 0 }, 4);

        sampler.Sample([1, 3, 3, 2], [], out _).Should().Be(1);
        sampler.Sample([-0f, 0f, -1, -1], [], out _).Should().Be(0);
    }

    [Fact]
    public void Sample_Greedy_HeedsBiasAndPenaltiesAndNoFilter()
    {
        float[] logits = [5, 4, 3, 0];

        new Sampler(new() { Temperature = 0, LogitBias = new Dictionary<int, float> { [0] = float.NegativeInfinity } }, 4)
            .Sample(logits, [], out _).Should().Be(1);
        new Sampler(new() { Temperature = 0, RepetitionPenalty = 2 }, 4).Sample(logits, [0, 1], out _).Should().Be(2);
        new Sampler(new() { Temperature = 0, TypicalP = 0 }, 4).Sample(logits, [], out _).Should().Be(0);
    }

    [Theory]
    [MemberData(nameof(Configurations))]
    public void Sample_SameSeed_SameTokens(string name, GenerationOptions options)
    {
        name.Should().NotBeEmpty();
        Run(options, 200).Should().Equal(Run(options, 200));
    }

    [Fact]
    public void Sample_OtherSeed_OtherTokens() => Run(s_plain, 50).Should().NotEqual(Run(s_plain with { Seed = 2 }, 50));

    [Fact]
    public void Seed_NotGiven_IsChosenAtRandomAndRepeatsTheRun()
    {
        var sampler = new Sampler(s_plain with { Seed = null }, 1_000);

        sampler.Seed.Should().NotBe(new Sampler(s_plain with { Seed = null }, 1_000).Seed);
        Run(sampler, 50).Should().Equal(Run(s_plain with { Seed = sampler.Seed }, 50));
    }

    [Fact]
    public void Sample_ManyDraws_FollowTheDistribution()
    {
        double[] probabilities = [0.4, 0.3, 0.2, 0.07, 0.03];
        float[] logits = CandidateLists.LogitsOf(probabilities);
        var sampler = new Sampler(s_plain with { Seed = 2024 }, logits.Length);
        const int DrawCount = 200_000;
        var counts = new int[logits.Length];
        for (int draw = 0; draw < DrawCount; draw++)
            counts[sampler.Sample(logits, [], out _)]++;

        // Pearson's chi-square with 4 degrees of freedom exceeds 18.47 in one of a thousand fair runs; the seed is fixed.
        counts.Zip(probabilities, (count, p) => Math.Pow(count - p * DrawCount, 2) / (p * DrawCount)).Sum().Should().BeLessThan(18.47);
    }

    [Fact]
    public void Sample_BannedToken_IsNeverDrawn()
    {
        var sampler = new Sampler(s_plain with { LogitBias = new Dictionary<int, float> { [1] = float.NegativeInfinity } }, 3);
        for (int draw = 0; draw < 1_000; draw++)
            sampler.Sample([0, 20, 0], [1], out _).Should().NotBe(1);
    }

    [Theory]
    [MemberData(nameof(Configurations))]
    public void Sample_WarmSampler_AllocatesNothing(string name, GenerationOptions options)
    {
        name.Should().NotBeEmpty();
        float[] logits = RandomLogits(32_000, 8);
        int[] history = [.. Enumerable.Range(0, 100)];
        Sampler sampler = Create(options, logits.Length, []);

        var candidates = new TokenCandidates(logits.Length);
        sampler.Sample(candidates, logits, history, out _);

        AllocationMeter.Measure(() => sampler.Sample(candidates, logits, history, out _)).Should().Be(0);
    }

    [Fact]
    public void Sample_LogProbabilitiesAsked_GivesLogSoftmaxOfTheRawLogits()
    {
        float[] logits = RandomLogits(500, 3);
        double[] probabilities = CandidateLists.Softmax(logits);
        var options = new GenerationOptions { Seed = 5, LogProbabilities = true, RepetitionPenalty = 1.5f, Temperature = 2 };
        var sampler = new Sampler(options, logits.Length);
        for (int draw = 0; draw < 20; draw++)
        {
            int token = sampler.Sample(logits, [1, 2, 3], out float logProbability);

            // The exponentials in the sum are floats with a relative error of 2⁻²³ each, and the result, whose magnitude is at most 32, is rounded to a float
            // once: together at most 3.1e-6.
            ((double)logProbability).Should().BeApproximately(Math.Log(probabilities[token]), 3.1e-6);
        }
    }

    [Fact]
    public void Sample_HugeLogits_GivesFiniteLogProbability()
    {
        var sampler = new Sampler(new() { Temperature = 0, LogProbabilities = true }, 3);
        sampler.Sample([1_000, 1_000, 999], [], out float logProbability).Should().Be(0);

        logProbability.Should().BeApproximately((float)-Math.Log(2 + Math.Exp(-1)), 1e-6f);
    }

    [Fact]
    public void Sample_LogProbabilitiesNotAsked_GivesNaN()
    {
        new Sampler(new(), 2).Sample([1, 2], [], out float logProbability);

        logProbability.Should().Be(float.NaN);
    }

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    [InlineData(float.NegativeInfinity)]
    public void Sample_LogitNotFinite_ThrowsNamingTheFirst(float bad)
    {
        foreach (int size in new[] { 18, 100, 32_000 })
        {
            float[] logits = new float[size];
            logits[17] = logits[size - 1] = bad;
            Action sample = () => new Sampler(new(), size).Sample(logits, [], out _);

            NumericalException thrown = sample.Should().Throw<NumericalException>().WithMessage("*token 17 is*finite*").Which;
            thrown.TokenId.Should().Be(17);
            thrown.Value.Should().Be(bad);
        }
    }

    [Theory]
    [InlineData(0f)]
    [InlineData(0.8f)]
    public void Sample_EveryTokenBanned_ThrowsNumericalException(float temperature)
    {
        var bans = new Dictionary<int, float> { [0] = float.NegativeInfinity, [1] = float.NegativeInfinity };
        Action sample = () => new Sampler(new() { Temperature = temperature, LogitBias = bans }, 2).Sample([1, 2], [0], out _);

        sample.Should().Throw<NumericalException>().WithMessage("*banned*").Which.TokenId.Should().BeNull();
    }

    [Fact]
    public void Sample_WrongNumberOfLogits_ThrowsArgumentException()
    {
        Action sample = () => new Sampler(new(), 3).Sample([1, 2], [], out _);

        sample.Should().Throw<ArgumentException>().WithParameterName("logits");
    }

    [Fact]
    public void Constructor_BiasBeyondTheVocabulary_ThrowsNamingTheToken()
    {
        Action create = () => _ = new Sampler(new() { LogitBias = new Dictionary<int, float> { [3] = 1 } }, 3);

        create.Should().Throw<ArgumentOutOfRangeException>().WithMessage("LogitBias names token 3*");
    }

    private static int[] Run(GenerationOptions options, int count) => Run(Create(options, 1_000, []), count);

    private static int[] Run(Sampler sampler, int count)
    {
        float[] logits = RandomLogits(1_000, 6);
        var history = new List<int>();
        for (int i = 0; i < count; i++)
            history.Add(sampler.Sample(logits, history.ToArray(), out _));
        return [.. history];
    }

    private static Sampler Create(GenerationOptions options, int vocabularySize, int[][] breakers)
    {
        var sequences = new SequenceBreakers();
        foreach (int[] breaker in breakers)
            sequences.Add(breaker);
        return new Sampler(options, vocabularySize, options.DryMultiplier > 0 ? new DryPenalty(options, 1_000, sequences) : null);
    }

    private static float[] RandomLogits(int count, int seed)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(_ => 16 * random.NextSingle() - 8)];
    }
}
