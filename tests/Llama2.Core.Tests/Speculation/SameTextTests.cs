using Llama2.Formats.Gguf;
using Llama2.Tests.Adapters;

namespace Llama2.Tests.Speculation;

/// <summary>
/// Random generations, several at a time, some of them cancelled, with guesses from many sources. Each gives the updates that it gives alone and without
/// guesses, bit for bit.
/// </summary>
public sealed class SameTextTests : IDisposable
{
    // An ordinary test run tries 60 cases of up to five generations. The environment variable sets a larger number: 1,000 cases take some minutes.
    private static readonly int s_caseCount = int.TryParse(Environment.GetEnvironmentVariable("LLAMA2_TEST_SPECULATIONS"), out int count) ? count : 60;
    private static readonly string[] s_prompts =
    [
        "Once upon a time",
        "Once upon a time, there was a little girl named Lily. She loved to play. Once upon a time, there was a little girl named",
        "Tom and Lily went to the park. Tom saw a big dog. Lily saw a big cat. Tom and Lily went to the park. Tom saw",
        "One day, one day, one day, one day, one day, one",
        "zxq 123 {} \n\n\n 日本 ab",
    ];

    private static readonly OutputConstraint[] s_constraints =
    [
        OutputConstraint.JsonSchema("""{"type":"object","properties":{"name":{"type":"string","maxLength":20},"animals":{"type":"array","maxItems":4,"items":{"enum":["cat","dog","bird"]}},"happy":{"type":"boolean"}},"required":["name","animals","happy"],"additionalProperties":false}"""),
        OutputConstraint.Regex("(the (cat|dog) (ran|sat)\\. ){1,12}"),
    ];

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task GenerateAsync_RandomCases_GivesTheUpdatesOfPlainGeneration(bool shiftsContext)
    {
        var options = new LlamaModelOptions { ThreadCount = 2, ContextLength = shiftsContext ? 90 : null, DraftModel = CreateDraftModel(_folder), Speculation = SpeculationOptions.Off };
        using LlamaModel model = LlamaModel.Load(DemonstrationModel.Path, options);
        using LlamaAdapter adapter = LoadAdapter(model);
        int draftCount = 0, acceptedCount = 0;
        for (int seed = 0; seed < (s_caseCount + 1) / 2; seed++)
        {
            var random = new Random(seed * 2 + (shiftsContext ? 1 : 0));
            Case[] cases = [.. Enumerable.Range(0, random.Next(1, 6)).Select(_ => CreateCase(random, model, adapter, shiftsContext))];
            GenerationUpdate[][] expected = new GenerationUpdate[cases.Length][];
            for (int i = 0; i < cases.Length; i++)
            {
                expected[i] = await GenerateAsync(model, cases[i] with { ReadCount = int.MaxValue }, SpeculationOptions.Off, []);
            }

            GenerationUpdate[][] actual = await Task.WhenAll(cases.Select((one, i) => GenerateAsync(
                model, one, Speculation(random.Next(), random.Next(4)), [.. expected[i].Where(update => update.Token is not null).Select(update => update.Token!.Value)])));

            for (int i = 0; i < cases.Length; i++)
            {
                GenerationUpdate[] read = expected[i][..Math.Min(cases[i].ReadCount, expected[i].Length)];
                AreSame(actual[i], read).Should().BeTrue("case {0} of seed {1} is {2}", i, seed, cases[i].Options);
                draftCount += actual[i].LastOrDefault().Usage?.DraftTokenCount ?? 0;
                acceptedCount += actual[i].LastOrDefault().Usage?.AcceptedDraftTokenCount ?? 0;
            }
        }

        // A cancelled generation ends in the next step of the scheduler.
        SpinWait.SpinUntil(() => model.Statistics.RunningCount == 0, TimeSpan.FromSeconds(10)).Should().BeTrue();
        // The cases contain many right guesses and many wrong ones.
        acceptedCount.Should().BeGreaterThan(2 * s_caseCount).And.BeLessThan(draftCount - 2 * s_caseCount);
    }

    [Fact]
    public async Task GenerateAsync_ModelOfManyFormats_GivesTheTokensOfPlainGeneration()
    {
        string path = Path.Combine(_folder.Path, "tiny.gguf");
        File.WriteAllBytes(path, TinyModel.Build());
        foreach (KernelTier tier in LlamaHardware.SupportedKernelTiers)
        {
            foreach (KeyValueCacheType cacheType in Enum.GetValues<KeyValueCacheType>())
            {
                using LlamaModel model = LlamaModel.Load(path, new LlamaModelOptions { ThreadCount = 2, KernelTier = tier, KeyValueCacheType = cacheType, Speculation = SpeculationOptions.Off });
                for (int seed = 0; seed < 5; seed++)
                {
                    var options = new GenerationOptions { Temperature = seed == 0 ? 0 : 1.5f, Seed = (ulong)seed, MaxTokens = 60, AttentionSinkCount = 2, IgnoreEndOfSequence = true, LogProbabilities = true };
                    var plain = new Case([1, 4, 5, 4, 5], options, int.MaxValue);
                    GenerationUpdate[] expected = await GenerateAsync(model, plain, SpeculationOptions.Off, []);

                    GenerationUpdate[] actual = await GenerateAsync(model, plain, Speculation(seed, 1), [.. expected[..^1].Select(update => update.Token!.Value)]);

                    AreSame(actual, expected).Should().BeTrue("tier {0}, cache {1}, seed {2}", tier, cacheType, seed);
                    actual[^1].Usage!.AcceptedDraftTokenCount.Should().BePositive();
                }
            }
        }
    }

    [Fact]
    public async Task GenerateAsync_DrafterThatThrows_EndsOnlyItsOwnGeneration()
    {
        using LlamaModel model = LlamaModel.Load(DemonstrationModel.Path, new LlamaModelOptions { ThreadCount = 2 });
        var options = new GenerationOptions { MaxTokens = 30, Seed = 1, IgnoreEndOfSequence = true };
        var bad = new SpeculationOptions { Sources = [new DraftSource(_ => new ThrowingDrafter())] };

        Task<GenerationResult> other = model.GenerateTextAsync("Once upon a time", options);
        Func<Task> generate = () => model.GenerateTextAsync("Once upon a time", options with { Speculation = bad });

        await generate.Should().ThrowAsync<InvalidOperationException>().WithMessage("no guess");
        (await other).Usage.GeneratedTokenCount.Should().Be(30);
    }

    private static SpeculationOptions Speculation(int seed, int kind) => new()
    {
        IsAdaptive = kind == 0,
        MaxDraftLength = 1 + seed % SpeculationOptions.LargestMaxDraftLength,
        Sources = kind switch
        {
            0 => [DraftSource.PromptLookup],
            1 => [new DraftSource(context => new KnowingDrafter(context, seed))],
            2 => [DraftSource.PromptLookup, new DraftSource(context => new KnowingDrafter(context, seed))],
            _ => [DraftSource.DraftModel],
        },
    };

    private static Case CreateCase(Random random, LlamaModel model, LlamaAdapter adapter, bool shiftsContext)
    {
        bool isGreedy = random.Next(3) == 0, isConstrained = random.Next(5) == 0;
        var options = new GenerationOptions
        {
            Temperature = isGreedy ? 0 : 0.3f + random.NextSingle(),
            Seed = (ulong)random.Next(),
            MaxTokens = random.Next(1, 200),
            TopK = random.Next(2) == 0 ? 40 : 0,
            RepetitionPenalty = random.Next(4) == 0 ? 1.2f : 1,
            FrequencyPenalty = random.Next(6) == 0 ? 0.3f : 0,
            DryMultiplier = random.Next(5) == 0 ? 0.8f : 0,
            MirostatTau = random.Next(6) == 0 ? 3 : 0,
            XtcProbability = random.Next(6) == 0 ? 0.5f : 0,
            LogProbabilities = random.Next(4) == 0,
            TopLogProbabilityCount = random.Next(6) == 0 ? 3 : 0,
            StopSequences = random.Next(3) == 0 ? ["dog", ". The"] : [],
            IgnoreEndOfSequence = random.Next(2) == 0,
            ReusePrefix = random.Next(3) > 0,
            AttentionSinkCount = shiftsContext && random.Next(4) > 0 ? random.Next(10) : null,
            Constraint = isConstrained ? s_constraints[random.Next(s_constraints.Length)] : null,
            Adapters = random.Next(5) == 0 ? [new LlamaAdapterUse(adapter)] : [],
        };
        if (isConstrained)
        {
            // After a whole text a greedy generation that ignores the end of sequence may choose it for ever, and where the context shifts, nothing else stops it.
            options = options with { MaxTokens = options.IgnoreEndOfSequence ? 300 : null };
        }

        string prompt = s_prompts[random.Next(s_prompts.Length)];
        return new Case(model.Tokenizer.Encode(prompt, addBeginOfSequence: true), options, random.Next(4) == 0 ? random.Next(1, 40) : int.MaxValue);
    }

    // Reads the updates; after a number of them, cancels the generation.
    private static async Task<GenerationUpdate[]> GenerateAsync(LlamaModel model, Case one, SpeculationOptions speculation, int[] answer)
    {
        var updates = new List<GenerationUpdate>();
        KnowingDrafter.Answer.Value = answer;
        await foreach (GenerationUpdate update in model.GenerateAsync(one.Prompt, one.Options with { Speculation = speculation }))
        {
            updates.Add(update);
            if (updates.Count == one.ReadCount)
            {
                break;
            }
        }

        return [.. updates];
    }

    // Compares everything except the usage, in which times and numbers of guesses differ.
    private static bool AreSame(GenerationUpdate[] actual, GenerationUpdate[] expected)
        => actual.Length == expected.Length && actual.Zip(expected).All(pair =>
            pair.First with { Usage = null, TopLogProbabilities = null } == pair.Second with { Usage = null, TopLogProbabilities = null }
            && (pair.First.TopLogProbabilities ?? []).SequenceEqual(pair.Second.TopLogProbabilities ?? []));

    // The same model with fewer bits: most of its likeliest tokens are those of the model.
    internal static string CreateDraftModel(TemporaryFolder folder)
    {
        string path = Path.Combine(folder.Path, "draft.gguf");
        if (!File.Exists(path))
        {
            ModelQuantizer.Quantize(DemonstrationModel.Path, path, ModelQuantization.Q4_0, new ModelQuantizerOptions { AllowRequantize = true });
        }

        return path;
    }

    private LlamaAdapter LoadAdapter(LlamaModel model)
    {
        using var file = GgufFile.Open(model.Path);
        return model.LoadAdapter(new RandomAdapter(file, [.. RandomAdapter.Matrices(file)], 4, 1).Write(_folder));
    }

    /// <summary>A generation, and the number of updates after which its reader stops.</summary>
    private sealed record Case(int[] Prompt, GenerationOptions Options, int ReadCount);

    /// <summary>Guesses with the known answer, and now and then wrongly, or beyond the vocabulary. After a context shift, it has lost its place.</summary>
    private sealed class KnowingDrafter(DrafterContext context, int seed) : IDrafter
    {
        public static readonly AsyncLocal<int[]> Answer = new();
        private readonly int[] _answer = Answer.Value!;
        private readonly Random _random = new(seed);

        public int Draft(ReadOnlySpan<int> tokens, Span<int> draft)
        {
            int count = _random.Next(draft.Length + 1);
            for (int i = 0; i < count; i++)
            {
                int place = tokens.Length - context.PromptTokenCount + i;
                draft[i] = place >= 0 && place < _answer.Length && _random.Next(8) > 0 ? _answer[place] : _random.Next(-1, context.Tokenizer.Vocabulary.Count + 1);
            }

            return count;
        }
    }

    private sealed class ThrowingDrafter : IDrafter
    {
        public int Draft(ReadOnlySpan<int> tokens, Span<int> draft) => throw new InvalidOperationException("no guess");
    }
}
