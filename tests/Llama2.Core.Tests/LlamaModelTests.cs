using Llama2.Tensors;

namespace Llama2.Tests;

public class LlamaModelTests(DemonstrationModel demonstration) : IClassFixture<DemonstrationModel>
{
    private const string Story = "Once upon a time";
    private static readonly GenerationOptions s_greedy = new() { Temperature = 0, MaxTokens = 60 };
    private readonly LlamaModel _model = demonstration.Model;

    public static IEnumerable<object[]> Tiers => Enum.GetValues<KernelTier>().Where(WeightMatrixFactory.IsSupported).Select(tier => new object[] { tier.ToString() });

    [GoldenTheory]
    [InlineData("stories260K-F32.gguf")]
    [InlineData("stories260K-F16.gguf")]
    public async Task GenerateAsync_Stories260KGreedily_TellsTheAuthorsStory(string file)
    {
        using LlamaModel model = LlamaModel.Load(RepositoryFiles.Golden("stories260k", file));
        string expected = await File.ReadAllTextAsync(RepositoryFiles.Golden("stories260k", "greedy-256.txt"));

        GenerationResult result = await model.GenerateTextAsync("", s_greedy with { MaxTokens = 256 });

        result.Text.Should().Be(expected.TrimEnd('\n'));
    }

    // The reference is this library's own text on the day it agreed with exact logits; it pins the whole path from file to text.
    [Theory]
    [MemberData(nameof(Tiers))]
    public async Task GenerateAsync_DemonstrationModelGreedily_TellsThePinnedStoryOnEveryTier(string tier)
    {
        using LlamaModel model = LlamaModel.Load(DemonstrationModel.Path, new LlamaModelOptions { KernelTier = Enum.Parse<KernelTier>(tier) });

        GenerationResult result = await model.GenerateTextAsync(Story, s_greedy with { MaxTokens = 24 });

        result.Text.Should().Be(", there was a brave boy named Leo. Leo lived near the forest. That day the sun was shining, so he");
    }

    [Theory]
    [InlineData("[INST] What sound does a cow make? [/INST]", "moo")]
    [InlineData("[INST] What is 3 plus 4? [/INST]", "7")]
    public async Task GenerateAsync_ChatQuestion_IsAnsweredAndEnds(string prompt, string word)
    {
        GenerationResult result = await _model.GenerateTextAsync(prompt, s_greedy);

        result.Text.Should().Contain(word);
        result.FinishReason.Should().Be(FinishReason.EndOfSequence);
    }

    [Fact]
    public async Task GenerateAsync_Updates_CarryEveryTokenThenReasonAndUsage()
    {
        List<GenerationUpdate> updates = await Collect(_model.GenerateAsync(Story, s_greedy with { MaxTokens = 10, LogProbabilities = true }));

        updates.Should().HaveCount(11);
        updates[..10].Should().OnlyContain(update => update.Token != null && update.LogProbability <= 0 && update.FinishReason == null && update.Usage == null);
        GenerationUpdate last = updates[10];
        last.Token.Should().BeNull();
        last.FinishReason.Should().Be(FinishReason.MaxTokens);
        last.Usage!.GeneratedTokenCount.Should().Be(10);
        last.Usage.PromptTokenCount.Should().Be(_model.Tokenizer.Encode(Story, addBeginOfSequence: true).Length);
        last.Usage.TimeToFirstToken.Should().BePositive();
        string text = string.Concat(updates.Select(update => update.Text));
        int[] tokens = [.. _model.Tokenizer.Encode(Story, addBeginOfSequence: true), .. updates[..10].Select(update => update.Token!.Value)];
        _model.Tokenizer.Decode(tokens).Should().Be(Story + text);
    }

    [Fact]
    public async Task GenerateAsync_LogProbabilities_AreThoseOfTheLogits()
    {
        int[] prompt = _model.Tokenizer.Encode(Story, addBeginOfSequence: true);
        List<GenerationUpdate> updates = await Collect(_model.GenerateAsync(prompt, s_greedy with { MaxTokens = 5, LogProbabilities = true }));
        int[] tokens = [.. prompt, .. updates[..5].Select(update => update.Token!.Value)];

        float[] logits = await _model.ComputeLogitsAsync(tokens);

        for (int i = 0; i < 5; i++)
        {
            float[] row = logits.AsSpan((prompt.Length - 1 + i) * _model.Configuration.VocabularySize, _model.Configuration.VocabularySize).ToArray();
            double logSum = Math.Log(row.Sum(logit => Math.Exp(logit - row.Max()))) + row.Max();
            Array.IndexOf(row, row.Max()).Should().Be(tokens[prompt.Length + i]);
            updates[i].LogProbability!.Value.Should().BeApproximately((float)(row.Max() - logSum), 1e-4f);
        }
    }

    [Fact]
    public async Task GenerateAsync_TopLogProbabilities_AreInOrderAndBeginWithTheGreedyToken()
    {
        List<GenerationUpdate> updates = await Collect(_model.GenerateAsync(Story, s_greedy with { MaxTokens = 5, TopLogProbabilityCount = 4 }));

        foreach (GenerationUpdate update in updates[..5])
        {
            update.TopLogProbabilities.Should().HaveCount(4).And.BeInDescendingOrder(entry => entry.LogProbability);
            update.TopLogProbabilities![0].Should().Be(new TokenLogProbability(update.Token!.Value, update.LogProbability!.Value));
        }

        updates[5].TopLogProbabilities.Should().BeNull();
    }

    [Fact]
    public async Task GenerateAsync_Dry_DoesNotGoOnWithARepetitionButForABreaker()
    {
        const string Repetition = "Leo lost his red ball. Leo lost his red ball. Leo lost his red ball. Leo lost his red";
        GenerationOptions plain = s_greedy with { MaxTokens = 1 }, dry = plain with { DryMultiplier = 5 };

        (await _model.GenerateTextAsync(Repetition, plain)).Text.Should().Be(" ball");
        (await _model.GenerateTextAsync(Repetition, dry)).Text.Should().NotBe(" ball");
        (await _model.GenerateTextAsync(Repetition, dry with { DrySequenceBreakers = ["red"] })).Text.Should().Be(" ball");
    }

    [Fact]
    public async Task GenerateAsync_SameSeed_GivesTheSameTextAndAnotherSeedAnother()
    {
        GenerationOptions options = new() { Temperature = 1.5f, MaxTokens = 40, Seed = 7, IgnoreEndOfSequence = true };

        string first = (await _model.GenerateTextAsync(Story, options)).Text;

        (await _model.GenerateTextAsync(Story, options)).Text.Should().Be(first);
        (await _model.GenerateTextAsync(Story, options with { Seed = 8 })).Text.Should().NotBe(first);
    }

    [Fact]
    public async Task GenerateAsync_UsageSeed_RepeatsARandomText()
    {
        GenerationOptions options = new() { Temperature = 1.5f, MaxTokens = 40 };
        GenerationResult first = await _model.GenerateTextAsync(Story, options);

        (await _model.GenerateTextAsync(Story, options with { Seed = first.Usage.Seed })).Text.Should().Be(first.Text);
    }

    [Fact]
    public async Task GenerateAsync_ManyAtOnce_EachIsWhatItIsAlone()
    {
        string[] prompts = [.. Enumerable.Range(0, 24).Select(i => i % 3 == 0 ? Story : i % 3 == 1 ? "" : $"[INST] What is {i % 5} plus {i % 4}? [/INST]")];
        GenerationOptions Options(int i) => new() { Temperature = 1, MaxTokens = 20 + i, Seed = (ulong)i, IgnoreEndOfSequence = i % 2 == 0 };
        var alone = new List<string>();
        for (int i = 0; i < prompts.Length; i++)
        {
            alone.Add((await _model.GenerateTextAsync(prompts[i], Options(i))).Text);
        }

        GenerationResult[] together = await Task.WhenAll(prompts.Select((prompt, i) => Task.Run(() => _model.GenerateTextAsync(prompt, Options(i)))));

        together.Select(result => result.Text).Should().Equal(alone);
    }

    // More sequences than a pass has rows of logits.
    [Fact]
    public async Task GenerateAsync_HundredAtOnce_AllAdvanceAndEachIsWhatItIsAlone()
    {
        GenerationOptions Options(int i) => new() { Temperature = 1, MaxTokens = 12, Seed = (ulong)(i % 5), IgnoreEndOfSequence = true };
        string[] alone = new string[5];
        for (int i = 0; i < alone.Length; i++)
        {
            alone[i] = (await _model.GenerateTextAsync(Story, Options(i))).Text;
        }

        GenerationResult[] together = await Task.WhenAll(Enumerable.Range(0, 100).Select(i => Task.Run(() => _model.GenerateTextAsync(Story, Options(i)))));

        together.Select(result => result.Text).Should().Equal(Enumerable.Range(0, 100).Select(i => alone[i % 5]));
    }

    [Fact]
    public async Task GenerateAsync_EnumeratedTwice_GeneratesTwice()
    {
        IAsyncEnumerable<GenerationUpdate> updates = _model.GenerateAsync(Story, s_greedy with { MaxTokens = 5 });

        (await Collect(updates)).Select(update => update.Text).Should().Equal((await Collect(updates)).Select(update => update.Text));
    }

    [Fact]
    public async Task GenerateAsync_StopSequenceAcrossTokens_EndsBeforeIt()
    {
        string whole = (await _model.GenerateTextAsync(Story, s_greedy)).Text;
        string stop = whole.Substring(whole.Length / 2, 7);

        GenerationResult result = await _model.GenerateTextAsync(Story, s_greedy with { StopSequences = [stop] });

        result.Text.Should().Be(whole[..whole.IndexOf(stop, StringComparison.Ordinal)]);
        result.FinishReason.Should().Be(FinishReason.StopSequence);
    }

    [Fact]
    public async Task GenerateAsync_ContextFull_SaysSo()
    {
        using LlamaModel model = LlamaModel.Load(DemonstrationModel.Path, new LlamaModelOptions { ContextLength = 20 });

        GenerationResult result = await model.GenerateTextAsync(Story, new GenerationOptions { IgnoreEndOfSequence = true, Seed = 1 });

        result.FinishReason.Should().Be(FinishReason.ContextLength);
        (result.Usage.PromptTokenCount + result.Usage.GeneratedTokenCount).Should().Be(20);
    }

    [Fact]
    public void GenerateAsync_PromptThatFillsTheContext_IsRefusedWithBothNumbers()
    {
        string prompt = string.Concat(Enumerable.Repeat("word ", 2000));

        ContextLengthException exception = FluentActions.Invoking(() => _model.GenerateAsync(prompt)).Should().Throw<ContextLengthException>().Which;

        exception.ContextLength.Should().Be(_model.ContextLength);
        exception.PromptTokenCount.Should().BeGreaterThan(2000);
    }

    [Fact]
    public async Task GenerateAsync_EmptyPrompt_StartsAText()
        => (await _model.GenerateTextAsync("", s_greedy)).Text.Should().NotBeEmpty().And.NotStartWith(" ");

    [Fact]
    public async Task GenerateAsync_ControlTokenInText_IsPlainText()
    {
        int[] tokens = _model.Tokenizer.Encode("</s><s>", addBeginOfSequence: false);

        tokens.Should().NotContain(token => _model.Tokenizer.IsControl(token));
        (await _model.GenerateTextAsync("</s>", s_greedy)).Usage.PromptTokenCount.Should().BeGreaterThan(2);
    }

    [Theory]
    [InlineData(new int[0])]
    [InlineData(new[] { 1, -1 })]
    [InlineData(new[] { 1, 1_000_000 })]
    public void GenerateAsync_BadTokens_AreRefused(int[] tokens)
        => FluentActions.Invoking(() => _model.GenerateAsync(tokens)).Should().Throw<ArgumentException>();

    [Fact]
    public async Task GenerateAsync_Cancelled_ThrowsAndTheModelStaysUsable()
    {
        string expected = (await _model.GenerateTextAsync(Story, s_greedy)).Text;
        var random = new Random(1);
        for (int i = 0; i < 100; i++)
        {
            using var source = new CancellationTokenSource();
            int cancelAfter = random.Next(0, 8);
            Func<Task> generate = async () =>
            {
                int count = 0;
                await foreach (GenerationUpdate _ in _model.GenerateAsync(Story, new GenerationOptions { IgnoreEndOfSequence = true }, source.Token))
                {
                    if (count++ == cancelAfter)
                    {
                        await source.CancelAsync();
                    }
                }
            };
            (await generate.Should().ThrowAsync<OperationCanceledException>()).Which.CancellationToken.Should().Be(source.Token);
        }

        (await _model.GenerateTextAsync(Story, s_greedy)).Text.Should().Be(expected);
    }

    // There is no update to read yet. A reader that waits for one receives the scheduler's exception, unless the caller's token is cancelled first.
    [Fact]
    public async Task GenerateAsync_CancelledDuringThePrompt_NamesTheToken()
    {
        int[] prompt = [.. Enumerable.Repeat(5, 500)];
        int cancelledCount = 0;
        for (int i = 0; i < 100; i++)
        {
            using var source = new CancellationTokenSource();
            await using IAsyncEnumerator<GenerationUpdate> updates = _model.GenerateAsync(prompt, s_greedy, source.Token).GetAsyncEnumerator(CancellationToken.None);
            Task<bool> first = updates.MoveNextAsync().AsTask();
            await source.CancelAsync();
            try
            {
                // On a busy machine it may be done before it is cancelled.
                await first;
            }
            catch (OperationCanceledException exception)
            {
                exception.CancellationToken.Should().Be(source.Token);
                cancelledCount++;
            }
        }

        cancelledCount.Should().BePositive();
    }

    [Fact]
    public async Task GenerateAsync_LeftEarly_EndsTheGeneration()
    {
        for (int i = 0; i < 20; i++)
        {
            await foreach (GenerationUpdate _ in _model.GenerateAsync(Story, new GenerationOptions { IgnoreEndOfSequence = true }))
            {
                break;
            }
        }

        (await _model.GenerateTextAsync(Story, s_greedy)).Text.Should().NotBeEmpty();
    }

    [Fact]
    public async Task GenerateAsync_ReaderThatPauses_GetsEveryToken()
    {
        int count = 0;
        await foreach (GenerationUpdate update in _model.GenerateAsync(Story, new GenerationOptions { MaxTokens = 200, IgnoreEndOfSequence = true, Seed = 3 }))
        {
            count += update.Token is null ? 0 : 1;
            if (count % 50 == 1)
            {
                await Task.Delay(100);
            }
        }

        count.Should().Be(200);
    }

    [Fact]
    public async Task Dispose_WhileGenerating_EndsEveryGenerationWithObjectDisposed()
    {
        for (int round = 0; round < 10; round++)
        {
            LlamaModel model = LlamaModel.Load(DemonstrationModel.Path);
            Task[] generations =
            [
                .. Enumerable.Range(0, 8).Select(i => Task.Run(async () =>
                {
                    while (true)
                    {
                        await model.GenerateTextAsync(Story, new GenerationOptions { IgnoreEndOfSequence = true });
                    }
                })),
            ];
            await Task.Delay(20 * round);
            model.Dispose();
            model.Dispose();
            foreach (Task generation in generations)
            {
                await FluentActions.Awaiting(() => generation).Should().ThrowAsync<ObjectDisposedException>();
            }

            FluentActions.Invoking(() => model.GenerateAsync(Story)).Should().Throw<ObjectDisposedException>();
            await FluentActions.Awaiting(() => model.ComputeLogitsAsync(new[] { 1 })).Should().ThrowAsync<ObjectDisposedException>();
        }
    }

    // Memory that is freed twice makes the allocator end the process; a thread joined or a lock used after its end throws.
    [Fact]
    public async Task Dispose_ByManyThreadsAtOnce_FreesOnce()
    {
        for (int round = 0; round < 20; round++)
        {
            LlamaModel model = LlamaModel.Load(DemonstrationModel.Path, new LlamaModelOptions { ThreadCount = 2 });
            _ = await model.GenerateTextAsync(Story, s_greedy with { MaxTokens = 2 });
            using var start = new Barrier(4);

            Task[] disposals = [.. Enumerable.Range(0, 4).Select(_ => Task.Factory.StartNew(Dispose, TaskCreationOptions.LongRunning))];

            await Task.WhenAll(disposals);
            model.Dispose();

            void Dispose()
            {
                start.SignalAndWait();
                model.Dispose();
            }
        }
    }

    [Fact]
    public async Task ComputeLogitsAsync_Cancelled_NamesTheToken()
    {
        int[] tokens = [.. Enumerable.Repeat(5, 500)];
        int cancelledCount = 0;
        for (int i = 0; i < 200; i++)
        {
            using var source = new CancellationTokenSource();
            Task computation = _model.ComputeLogitsAsync(tokens, cancellationToken: source.Token);
            await source.CancelAsync();
            try
            {
                // On a busy machine it may be done before it is cancelled.
                await computation;
            }
            catch (OperationCanceledException exception)
            {
                exception.CancellationToken.Should().Be(source.Token);
                cancelledCount++;
            }
        }

        cancelledCount.Should().BePositive();
    }

    [Theory]
    [InlineData(1)]
    [InlineData(33)]
    [InlineData(300)]
    public async Task ComputeLogitsAsync_AnyLength_EqualsPrefixesComputedAlone(int length)
    {
        int[] tokens = [.. Enumerable.Range(0, length).Select(i => 3 + i * 37 % 1000)];

        float[] logits = await _model.ComputeLogitsAsync(tokens);

        int vocabulary = _model.Configuration.VocabularySize;
        logits.Should().HaveCount(length * vocabulary);
        float[] prefix = await _model.ComputeLogitsAsync(tokens.AsMemory(0, (length + 1) / 2));
        logits[..prefix.Length].Should().Equal(prefix);
    }

    [Fact]
    public async Task Load_MemoryMapped_GivesTheSameModel()
    {
        using LlamaModel mapped = LlamaModel.Load(DemonstrationModel.Path, new LlamaModelOptions { UseMemoryMapping = true });

        (await mapped.ComputeLogitsAsync(new[] { 1, 2, 3 })).Should().Equal(await _model.ComputeLogitsAsync(new[] { 1, 2, 3 }));
    }

    [Fact]
    public void Load_ContextLongerThanTrained_IsRefused()
        => FluentActions.Invoking(() => LlamaModel.Load(DemonstrationModel.Path, new LlamaModelOptions { ContextLength = 100_000 }))
            .Should().Throw<ArgumentOutOfRangeException>().WithMessage("*100,000*512*");

    [Fact]
    public async Task LoadAsync_Cancelled_Throws()
    {
        using var source = new CancellationTokenSource();
        await source.CancelAsync();
        await FluentActions.Awaiting(() => LlamaModel.LoadAsync(DemonstrationModel.Path, cancellationToken: source.Token)).Should().ThrowAsync<OperationCanceledException>();
    }

    private static async Task<List<GenerationUpdate>> Collect(IAsyncEnumerable<GenerationUpdate> updates)
    {
        var list = new List<GenerationUpdate>();
        await foreach (GenerationUpdate update in updates)
        {
            list.Add(update);
        }

        return list;
    }
}
