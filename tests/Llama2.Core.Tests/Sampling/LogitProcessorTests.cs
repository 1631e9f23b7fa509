using System.Text.Json;
using Llama2.Sampling;

namespace Llama2.Tests.Sampling;

/// <summary>A user's own logit processors among those of the library.</summary>
public class LogitProcessorTests(DemonstrationModel demonstration) : IClassFixture<DemonstrationModel>
{
    private readonly LlamaModel _model = demonstration.Model;

    [Fact]
    public async Task GenerateAsync_EndSooner_EndsTheTextSooner()
    {
        LlamaModel model = _model;
        var options = new GenerationOptions { LogitProcessors = [new(context => new EndSooner(context.Tokenizer.EndOfSequenceId, 30))], Seed = 3 };

        GenerationResult sooner = await model.GenerateTextAsync("Once upon a time", options);
        GenerationResult later = await model.GenerateTextAsync("Once upon a time", options with { LogitProcessors = [] });

        sooner.FinishReason.Should().Be(FinishReason.EndOfSequence);
        sooner.Usage.GeneratedTokenCount.Should().BeInRange(31, 80).And.BeLessThan(later.Usage.GeneratedTokenCount);
        (await model.GenerateTextAsync("Once upon a time", options)).Text.Should().Be(sooner.Text, "each generation has a state of its own");
    }

    [Fact]
    public async Task GenerateAsync_ProcessorThatChangesNothing_LeavesTextAndProbabilities()
    {
        foreach (GenerationOptions options in (GenerationOptions[])
            [
                new() { Seed = 4, MaxTokens = 60, LogProbabilities = true, RepetitionPenalty = 1.2f, TypicalP = 0.9f },
                new() { Seed = 4, MaxTokens = 60, MirostatTau = 3 },
                new() { Temperature = 0, MaxTokens = 60 },
            ])
        {
            var seen = new List<Recorder>();
            GenerationUpdate[] expected = await _model.GenerateAsync("The cat", options).ToArrayAsync();
            GenerationUpdate[] actual = await _model.GenerateAsync(
                "The cat", options with { LogitProcessors = [Step(LogitProcessorPlace.BeforeFilters), Step(LogitProcessorPlace.BeforeDraw)] }).ToArrayAsync();

            actual.Select(update => (update.Text, update.Token, update.LogProbability)).Should().Equal(expected.Select(update => (update.Text, update.Token, update.LogProbability)));
            seen.Should().HaveCount(2);
            seen[0].Counts.Should().OnlyContain(count => count == _model.Configuration.VocabularySize);
            seen[0].Accepted.Should().Equal(expected.SkipLast(1).Select(update => update.Token!.Value));
            seen[0].Histories.Should().Equal(Enumerable.Range(_model.Tokenizer.Encode("The cat", true).Length, seen[0].Histories.Count));
            seen[1].Counts.Should().HaveCount(options.Temperature == 0 ? 0 : seen[0].Counts.Count).And.NotContain(_model.Configuration.VocabularySize);
            seen[1].Accepted.Should().Equal(seen[0].Accepted);
            seen[0].Probabilities.Should().OnlyContain(probability => options.Temperature == 0 ? probability == 1 : probability > 0 && probability <= 1);

            LogitProcessorStep Step(LogitProcessorPlace place) => new(_ =>
            {
                var recorder = new Recorder();
                seen.Add(recorder);
                return recorder;
            }, place);
        }
    }

    [Theory]
    [InlineData(LogitProcessorPlace.BeforeFilters, 0)]
    [InlineData(LogitProcessorPlace.BeforeFilters, 1)]
    [InlineData(LogitProcessorPlace.BeforeDraw, 1)]
    public async Task GenerateAsync_ProcessorThatBansATokenOrDropsAllOthers_IsObeyed(LogitProcessorPlace place, float temperature)
    {
        // Without filters, the token is never the only candidate.
        var options = new GenerationOptions { Temperature = temperature, TopK = 0, TopP = 1, MinP = 0, Seed = 1, MaxTokens = 40, IgnoreEndOfSequence = true };
        int banned = (await _model.GenerateAsync("The cat", options with { MaxTokens = 1 }).FirstAsync()).Token!.Value;

        GenerationUpdate[] without = await _model.GenerateAsync("The cat", options with { LogitProcessors = [new(_ => new Lambda(candidates => Ban(candidates, banned)), place)] }).ToArrayAsync();
        GenerationUpdate[] likeliest = await _model.GenerateAsync("The cat", options with { LogitProcessors = [new(_ => new Lambda(candidates => candidates.KeepHighest(1)), place)] }).ToArrayAsync();
        GenerationUpdate[] greedy = await _model.GenerateAsync("The cat", options with { Temperature = 0 }).ToArrayAsync();

        without.Should().NotContain(update => update.Token == banned);
        likeliest.Select(update => update.Token).Should().Equal(greedy.Select(update => update.Token));
    }

    [Fact]
    public async Task GenerateAsync_ProcessorsInAList_WorkInItsOrder()
    {
        var order = new List<string>();
        var options = new GenerationOptions
        {
            MaxTokens = 1,
            LogitProcessors =
            [
                new(_ => new Lambda(_ => order.Add("draw 1")), LogitProcessorPlace.BeforeDraw),
                new(_ => new Lambda(_ => order.Add("filters 1"))),
                new(_ => new Lambda(_ => order.Add("draw 2")), LogitProcessorPlace.BeforeDraw),
                new(_ => new Lambda(_ => order.Add("filters 2"))),
            ],
        };

        await _model.GenerateTextAsync("The cat", options);

        order.Should().Equal("filters 1", "filters 2", "draw 1", "draw 2");
    }

    public static TheoryData<string, Action<TokenCandidates>> Faults { get; } = new()
    {
        { "*Lambda made the logit of token 7 NaN*", candidates => candidates.Logits[7] = float.NaN },
        { "*Lambda made the logit of token 8 Infinity*", candidates => candidates.Logits[8] = float.PositiveInfinity },
        { "*Lambda banned or dropped every token*", candidates => candidates.Logits.Fill(float.NegativeInfinity) },
        { "*Lambda banned or dropped every token*", candidates => candidates.KeepAtLeast(float.MaxValue) },
        { "*mine*", _ => throw new InvalidOperationException("mine") },
    };

    [Theory]
    [MemberData(nameof(Faults))]
    public async Task GenerateAsync_ProcessorAtFault_FailsAloneAndIsNamed(string message, Action<TokenCandidates> fault)
    {
        Task<GenerationResult> other = _model.GenerateTextAsync("Once", new GenerationOptions { Seed = 9, MaxTokens = 50 });

        (await FluentActions.Awaiting(() => _model.GenerateTextAsync("The cat", new GenerationOptions { LogitProcessors = [new(_ => new Lambda(fault))] }))
            .Should().ThrowAsync<Exception>()).WithMessage(message).Which.Should().Match(exception => exception is NumericalException || exception is InvalidOperationException);

        (await other).Text.Should().Be((await _model.GenerateTextAsync("Once", new GenerationOptions { Seed = 9, MaxTokens = 50 })).Text);
    }

    [Fact]
    public void LogitProcessors_TooManyOrNull_AreRefused()
    {
        LogitProcessorStep step = new(_ => new Recorder());

        new GenerationOptions { LogitProcessors = [.. Enumerable.Repeat(step, 16)] }.LogitProcessors.Should().HaveCount(16);
        FluentActions.Invoking(() => new GenerationOptions { LogitProcessors = [.. Enumerable.Repeat(step, 17)] }).Should().Throw<ArgumentOutOfRangeException>().WithMessage("*17 steps*16*");
        FluentActions.Invoking(() => new GenerationOptions { LogitProcessors = [step, null!] }).Should().Throw<ArgumentException>().WithMessage("LogitProcessors[1]*");
        FluentActions.Invoking(() => new GenerationOptions { LogitProcessors = [new(_ => new Recorder(), (LogitProcessorPlace)7)] }).Should().Throw<ArgumentException>();
        JsonSerializer.Serialize(new GenerationOptions { LogitProcessors = [step] }).Should().NotContain("LogitProcessors");
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void Sample_WithAConstraint_ChoosesOnlyWhatItAllows(float temperature)
    {
        var random = new Random(1);
        var constraint = new EveryThird(100);
        var sampler = new Sampler(new GenerationOptions { Temperature = temperature, Seed = 1, LogitBias = new Dictionary<int, float> { [1] = 50 } }, 100, constraint: constraint);
        for (int i = 0; i < 200; i++)
        {
            float[] logits = [.. Enumerable.Range(0, 100).Select(_ => 10 * random.NextSingle())];

            int token = sampler.Sample(logits, [], out _);

            (token % 3).Should().Be(i % 3);
            constraint.Accepted.Should().HaveCount(i + 1).And.HaveElementAt(i, token);
        }
    }

    [Fact]
    public void Sample_ConstraintAndBiasThatLeaveNothing_IsAFaultThatSaysSo()
    {
        var sampler = new Sampler(
            new GenerationOptions { LogitBias = Enumerable.Range(0, 34).ToDictionary(i => 3 * i, _ => float.NegativeInfinity) }, 100, constraint: new EveryThird(100));

        FluentActions.Invoking(() => sampler.Sample(new float[100], [], out _)).Should().Throw<NumericalException>().WithMessage("All 100 tokens are banned*constraint*");
    }

    [Fact]
    public void Sample_WithProcessorsAndAConstraint_AllocatesNothing()
    {
        float[] logits = [.. Enumerable.Range(0, 32_000).Select(i => (float)(i * 7919 % 1000))];
        var candidates = new TokenCandidates(logits.Length);
        var sampler = new Sampler(
            new GenerationOptions { Seed = 1 }, logits.Length, processors: [(new EndSooner(2, 5), LogitProcessorPlace.BeforeFilters), (new Nothing(), LogitProcessorPlace.BeforeDraw)],
            constraint: new EveryThird(logits.Length, isRecording: false));

        AllocationMeter.Measure(() => sampler.Sample(candidates, logits, [1, 2, 3], out _)).Should().Be(0);
    }

    [Fact]
    public void TokenCandidates_ForTestsOfProcessors_CanBeMadeAndRead()
    {
        var candidates = new TokenCandidates(4);
        candidates.Load([1, 4, 3, 2]);

        candidates.KeepHighest(2);

        (candidates.VocabularySize, candidates.Count, candidates.TokenAt(0), candidates.TokenAt(1), candidates.MaxLogit).Should().Be((4, 2, 1, 2, 4f));
        FluentActions.Invoking(() => candidates.KeepHighest(0)).Should().Throw<ArgumentOutOfRangeException>();
        FluentActions.Invoking(() => new TokenCandidates(0)).Should().Throw<ArgumentOutOfRangeException>();
    }

    private static void Ban(TokenCandidates candidates, int token)
    {
        for (int i = 0; i < candidates.Count && candidates.Count > 1; i++)
        {
            if (candidates.TokenAt(i) == token)
                candidates.Logits[i] = float.NegativeInfinity;
        }
    }

    private sealed class Lambda(Action<TokenCandidates> process) : ILogitProcessor
    {
        public void Process(TokenCandidates candidates, ReadOnlySpan<int> history) => process(candidates);
    }

    private sealed class Nothing : ILogitProcessor
    {
        public void Process(TokenCandidates candidates, ReadOnlySpan<int> history)
        {
        }
    }

    private sealed class Recorder : ILogitProcessor
    {
        public List<int> Counts { get; } = [];

        public List<int> Histories { get; } = [];

        public List<int> Accepted { get; } = [];

        public List<double> Probabilities { get; } = [];

        public void Process(TokenCandidates candidates, ReadOnlySpan<int> history)
        {
            Counts.Add(candidates.Count);
            Histories.Add(history.Length);
        }

        public void Accept(int token, double probability)
        {
            Accepted.Add(token);
            Probabilities.Add(probability);
        }
    }

    // Allows every third token; the first allowed token changes at each step.
    private sealed class EveryThird(int vocabularySize, bool isRecording = true) : IOutputConstraint
    {
        private readonly ulong[] _mask = new ulong[(vocabularySize + 63) / 64];
        private int _count;

        public List<int> Accepted { get; } = [];

        public ReadOnlySpan<ulong> ComputeMask()
        {
            Array.Clear(_mask);
            for (int token = _count % 3; token < vocabularySize; token += 3)
                _mask[token / 64] |= 1UL << (token % 64);
            return _mask;
        }

        public void Accept(int token)
        {
            _count++;
            if (isRecording)
                Accepted.Add(token);
        }
    }
}
