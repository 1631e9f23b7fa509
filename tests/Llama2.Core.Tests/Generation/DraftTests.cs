using Llama2.Generation;
using Llama2.Sampling;
using Llama2.Speculation;
using Llama2.Tests.Model;

namespace Llama2.Tests.Generation;

/// <summary>Generation with guesses of the next tokens.</summary>
public sealed class DraftTests : IDisposable
{
    private const int ContextLength = 200;
    private static readonly SpeculationOptions s_allGuesses = new() { MaxDraftLength = SpeculationOptions.LargestMaxDraftLength, IsAdaptive = false };
    private static readonly int[] s_prompt = [1, 5, 9, 13, 2];
    private readonly TestScheduler _test = new(tokenCapacity: 16, maxWaitingCount: 50);

    public void Dispose() => _test.Dispose();

    public static TheoryData<string, GenerationOptions> Options { get; } = new()
    {
        { "greedy", new GenerationOptions { Temperature = 0, Seed = 4 } },
        { "sampled", new GenerationOptions { Temperature = 1, Seed = 5, LogProbabilities = true, TopLogProbabilityCount = 3 } },
        { "penalties", new GenerationOptions { Temperature = 1, Seed = 6, RepetitionPenalty = 1.3f, FrequencyPenalty = 0.5f, XtcProbability = 0.5f } },
        { "mirostat", new GenerationOptions { Temperature = 1, Seed = 7, MirostatTau = 3 } },
        { "shifted", new GenerationOptions { Temperature = 1, Seed = 8, MaxTokens = 450, AttentionSinkCount = 4 } },
        { "short", new GenerationOptions { Temperature = 1, Seed = 9, MaxTokens = 3 } },
    };

    [Theory]
    [MemberData(nameof(Options))]
    public async Task GenerateText_WithAnyDrafts_GivesTheUpdatesOfTheSamplerAlone(string name, GenerationOptions options)
    {
        name.Should().NotBeEmpty();
        options = options with { IgnoreEndOfSequence = true, MaxTokens = options.MaxTokens ?? 150 };
        GenerationUpdate[] expected = await GenerateAsync(options, null);
        int[] text = [.. expected.SkipLast(1).Select(update => update.Token!.Value)];

        foreach (ScriptedDrafts drafts in (ScriptedDrafts[])
            [new(text, wrongEvery: 0, seed: 1), new(text, wrongEvery: 1, seed: 2), new(text, wrongEvery: 2, seed: 3), new(text, wrongEvery: 5, seed: 4), new([], wrongEvery: 1, seed: 5)])
        {
            GenerationUpdate[] actual = await GenerateAsync(options, drafts);

            actual.Should().BeEquivalentTo(expected, same => same.WithStrictOrdering().Excluding(update => update.Usage));
            (actual[^1].Usage! with { TimeToFirstToken = default, DecodeTime = default, CachedTokenCount = 0, DraftTokenCount = 0, AcceptedDraftTokenCount = 0 })
                .Should().Be(expected[^1].Usage! with { TimeToFirstToken = default, DecodeTime = default, CachedTokenCount = 0 });
            drafts.WasAsked.Should().BeTrue();
        }
    }

    [Fact]
    public async Task GenerateText_WithDraftsThatAreRight_NeedsFewerPasses()
    {
        var options = new GenerationOptions { Temperature = 1, Seed = 5, MaxTokens = 48, IgnoreEndOfSequence = true };
        int[] text = [.. (await GenerateAsync(options, null)).SkipLast(1).Select(update => update.Token!.Value)];
        var drafts = new ScriptedDrafts(text, wrongEvery: 0, seed: 1);

        GenerationUsage usage = (await GenerateAsync(options, drafts))[^1].Usage!;

        // A pass has 16 tokens: 15 guesses, and the token before them. After the first token, three passes give 16 + 16 + 15 tokens. All updates have room
        // in the queue, so that a slow reader shortens no draft.
        drafts.AskedCount.Should().Be(3);
        usage.DraftTokenCount.Should().Be(15 + 15 + 14);
        usage.AcceptedDraftTokenCount.Should().Be(15 + 15 + 14);
    }

    [Fact]
    public async Task GenerateText_ManySequencesWithDrafts_GiveTheTextOfEach()
    {
        GenerationOptions[] options = [.. Enumerable.Range(0, 12).Select(i => new GenerationOptions { Temperature = 1, Seed = (ulong)i, MaxTokens = 60, IgnoreEndOfSequence = true })];
        int[][] texts = new int[options.Length][];
        for (int i = 0; i < options.Length; i++)
        {
            texts[i] = [.. (await GenerateAsync(options[i], null)).SkipLast(1).Select(update => update.Token!.Value)];
        }

        GenerationUpdate[][] results = await Task.WhenAll(
            options.Select((option, i) => GenerateAsync(option, i % 3 == 0 ? null : new ScriptedDrafts(texts[i], wrongEvery: i % 4, seed: i))));

        for (int i = 0; i < options.Length; i++)
        {
            results[i].SkipLast(1).Select(update => update.Token!.Value).Should().Equal(texts[i]);
        }
    }

    [Fact]
    public async Task GenerateText_AfterWrongDrafts_FindsNothingOfThemInTheCache()
    {
        var options = new GenerationOptions { Temperature = 1, Seed = 5, MaxTokens = 100, IgnoreEndOfSequence = true };
        GenerationUpdate[] plain = await GenerateAsync(options with { ReusePrefix = false }, null);
        int[] text = [.. plain.SkipLast(1).Select(update => update.Token!.Value)];
        await GenerateAsync(options, new ScriptedDrafts(text, wrongEvery: 3, seed: 1));

        // A second turn reuses the keys and values of the first; its text is the same as if nothing had been guessed.
        int[] longer = [.. s_prompt, .. text[..60]];
        GenerationUpdate[] again = await GenerateAsync(options with { MaxTokens = 40, Seed = 11 }, null, longer);
        GenerationUpdate[] fresh = await GenerateAsync(options with { MaxTokens = 40, Seed = 11, ReusePrefix = false }, null, longer);

        again[^1].Usage!.CachedTokenCount.Should().BeGreaterThan(s_prompt.Length);
        again.SkipLast(1).Select(update => update.Token).Should().Equal(fresh.SkipLast(1).Select(update => update.Token));
    }

    private async Task<GenerationUpdate[]> GenerateAsync(GenerationOptions options, IDrafter? drafts, int[]? prompt = null)
    {
        prompt ??= s_prompt;
        using LlamaModel vocabulary = LlamaModel.Load(DemonstrationModel.Path, new LlamaModelOptions { ThreadCount = 1 });
        int[] tokens = new int[Math.Min(ContextLength, prompt.Length + options.MaxTokens!.Value)];
        prompt.CopyTo(tokens, 0);
        var sequence = new TextSequence(
            tokens, prompt.Length, ContextLength, continuesText: true, vocabulary.Tokenizer, options, new Sampler(options, _test.Configuration.VocabularySize), TimeProvider.System,
            speculator: drafts is null ? null : new Speculator(s_allGuesses, [new DraftSlot(drafts)], _test.Configuration.VocabularySize));
        _test.Scheduler.Start(sequence);
        var updates = new List<GenerationUpdate>();
        while (await sequence.Updates.WaitToReadAsync())
        {
            while (sequence.Updates.TryRead(out GenerationUpdate update))
            {
                updates.Add(update);
                if (sequence.ReaderMadeRoom())
                {
                    _test.Scheduler.Wake();
                }
            }
        }

        return [.. updates];
    }

    /// <summary>
    /// Guesses the tokens of a known text. At regular intervals a guess is wrong. If <c>wrongEvery</c> is 0, no guess is wrong, and each call returns as
    /// many guesses as there is space for; otherwise each call returns a random number of guesses.
    /// </summary>
    private sealed class ScriptedDrafts(int[] text, int wrongEvery, int seed) : IDrafter
    {
        private readonly Random _random = new(seed);
        private int _promptLength = -1;
        private int _guessCount;

        public int AskedCount { get; private set; }

        public bool WasAsked => AskedCount > 0;

        public int Draft(ReadOnlySpan<int> tokens, Span<int> draft)
        {
            AskedCount++;
            if (_promptLength < 0)
            {
                // The first call comes after the first token of the answer.
                _promptLength = tokens.Length - 1;
            }

            int count = wrongEvery == 0 ? draft.Length : _random.Next(draft.Length + 1);
            for (int i = 0; i < count; i++)
            {
                int place = tokens.Length - _promptLength + i;
                bool isRight = place >= 0 && place < text.Length && (wrongEvery == 0 || ++_guessCount % wrongEvery != 0);
                draft[i] = isRight ? text[place] : _random.Next(TinyLlama.VocabularySize);
            }

            return count;
        }
    }
}
