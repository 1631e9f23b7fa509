using System.Collections.Concurrent;
using System.Diagnostics;

namespace Llama2.Tests;

public class LlamaModelConcurrencyTests(DemonstrationModel demonstration) : IClassFixture<DemonstrationModel>
{
    private const string Story = "Once upon a time";
    private const int SystemTokenCount = 1000;
    private static readonly GenerationOptions s_greedy = new() { Temperature = 0, MaxTokens = 40, IgnoreEndOfSequence = true };
    private static readonly LlamaModelOptions s_long = new() { RopeScaling = RopeScaling.Linear(4), ContextLength = 2048 };
    private readonly LlamaModel _model = demonstration.Model;

    [Fact]
    public async Task GenerateAsync_SixtyFourSessionsOf200Tokens_EqualSerialRunsTokenForToken()
    {
        const int SessionCount = 64, TokenCount = 200;
        string[] openings = [Story, "", "[INST] What sound does a cow make? [/INST]", "The cat", "Tim and Sue went to the park. One day"];
        Task<int[]> Run(int session) => Generate(
            _model, _model.Tokenizer.Encode(openings[session % openings.Length], addBeginOfSequence: true),
            new GenerationOptions { Temperature = 0.2f * (session % 7), Seed = (ulong)(session / 2), MaxTokens = TokenCount, IgnoreEndOfSequence = true });
        var alone = new List<int[]>();
        for (int session = 0; session < SessionCount; session++)
        {
            alone.Add(await Run(session));
        }

        int[][] together = await Task.WhenAll(Enumerable.Range(0, SessionCount).Select(session => Task.Run(() => Run(session))));

        for (int session = 0; session < SessionCount; session++)
        {
            together[session].Should().HaveCount(TokenCount).And.Equal(alone[session], "session {0} has its own text", session);
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task GenerateAsync_TwoSessionsWithOneSystemPrompt_ComputeItOnce(bool atTheSameMoment)
    {
        using LlamaModel model = LlamaModel.Load(DemonstrationModel.Path, s_long);
        for (int round = 0; round < 4; round++)
        {
            int[] system = Tokens(SystemTokenCount, seed: round), first = [.. system, .. Tokens(10, seed: 100)], second = [.. system, .. Tokens(15, seed: 200)];
            Task<GenerationUsage> firstUsage = Task.Run(() => Usage(model, first));
            if (!atTheSameMoment)
            {
                await firstUsage;
            }

            GenerationUsage[] usages = await Task.WhenAll(firstUsage, Task.Run(() => Usage(model, second)));

            usages.Sum(usage => usage.PromptTokenCount - usage.CachedTokenCount).Should().Be(SystemTokenCount + 10 + 15);
        }
    }

    [Fact]
    public async Task GenerateAsync_WithoutReuse_ComputesTheWholePromptAndGivesTheSameText()
    {
        int[] prompt = Tokens(150, seed: 3);
        int[] expected = await Generate(_model, prompt, s_greedy);

        (await Usage(_model, prompt)).CachedTokenCount.Should().Be(prompt.Length - 1);
        (await Usage(_model, prompt, s_greedy with { ReusePrefix = false })).CachedTokenCount.Should().Be(0);
        (await Generate(_model, prompt, s_greedy with { ReusePrefix = false })).Should().Equal(expected);
    }

    [Fact]
    public async Task GenerateAsync_ThousandCancelledAtRandomMoments_NeverChangesAText()
    {
        int[] prompt = Tokens(300, seed: 9);
        int[] expected;
        using (LlamaModel fresh = LlamaModel.Load(DemonstrationModel.Path))
        {
            expected = await Generate(fresh, prompt, s_greedy);
        }

        var random = new Random(5);
        int cancelledCount = 0;
        for (int i = 0; i < 1000; i++)
        {
            using var source = new CancellationTokenSource();
            int[] begun = [.. prompt[..random.Next(1, prompt.Length)], .. Tokens(random.Next(0, 30), seed: i)];
            int spinCount = 1 << random.Next(0, 14);
            Task generation = Generate(_model, begun, s_greedy, source.Token);
            Thread.SpinWait(spinCount);
            await source.CancelAsync();
            try
            {
                await generation;
            }
            catch (OperationCanceledException)
            {
                cancelledCount++;
            }

            if (i % 50 == 0)
            {
                (await Generate(_model, prompt, s_greedy)).Should().Equal(expected, "round {0}", i);
            }
        }

        cancelledCount.Should().BePositive();
        (await Generate(_model, prompt, s_greedy)).Should().Equal(expected);
        SpinWait.SpinUntil(() => _model.Statistics is { RunningCount: 0, WaitingCount: 0, KeyValueCacheUsedByteSize: 0 }, TimeSpan.FromSeconds(10)).Should().BeTrue();
    }

    [Fact]
    public async Task Dispose_UnderAllKindsOfLoad_GivesOnlyObjectDisposedAndOperationCanceled()
    {
        for (int round = 0; round < 6; round++)
        {
            LlamaModel model = LlamaModel.Load(DemonstrationModel.Path, new LlamaModelOptions { KeyValueCacheByteSize = 2 << 20 });
            IChatSession session = model.CreateChatSession(new ChatSessionOptions { PromptFormat = PromptFormat.Llama2 });
            Func<int, Task>[] calls =
            [
                async _ => await Generate(model, Tokens(50, 1), s_greedy),
                async i => await Generate(model, Tokens(200, i), s_greedy),
                async i => await model.ComputeLogitsAsync(Tokens(100, i)),
                async i => await model.ComputeEmbeddingsAsync([Story, $"{i}"]),
                async i =>
                {
                    using var source = new CancellationTokenSource(TimeSpan.FromMilliseconds(i % 3));
                    await Generate(model, Tokens(100, i), s_greedy, source.Token);
                },
                async i => await session.Fork().SendAsync($"What is {i} plus 1?", s_greedy).LastAsync(),
            ];
            Task<Exception>[] users = [.. Enumerable.Range(0, 12).Select(user => Task.Run(() => FirstFault(calls[user % calls.Length])))];
            await Task.Delay(10 * round);

            model.Dispose();

            Exception[] faults = await Task.WhenAll(users);
            faults.Should().AllBeOfType<ObjectDisposedException>();
        }

        // Repeats the call until it fails; a cancellation does not count as a failure.
        static async Task<Exception> FirstFault(Func<int, Task> call)
        {
            for (int i = 0; ; i++)
            {
                try
                {
                    await call(i);
                }
                catch (OperationCanceledException)
                {
                }
                catch (Exception exception)
                {
                    return exception;
                }
            }
        }
    }

    [Fact]
    public async Task GenerateAsync_MoreCallsThanMayWait_AreRefusedAtOnceAndMemoryStaysInItsBounds()
    {
        const int WaitingCount = 8, CallCount = 300;
        using LlamaModel model = LlamaModel.Load(
            DemonstrationModel.Path, new LlamaModelOptions { KeyValueCacheByteSize = 1 << 20, MaxWaitingCount = WaitingCount });
        int[] expected = await Generate(model, Tokens(5, seed: 0), s_greedy with { MaxTokens = 300 });
        int busyCount = 0, doneCount = 0;
        long mostUsed = 0;
        var refusals = new ConcurrentBag<TimeSpan>();
        var answers = new ConcurrentBag<TimeSpan>();
        await Task.WhenAll(Enumerable.Range(0, CallCount).Select(_ => Task.Run(async () =>
        {
            long start = Stopwatch.GetTimestamp();
            try
            {
                (await Generate(model, Tokens(5, seed: 0), s_greedy with { MaxTokens = 300 })).Should().Equal(expected);
                Interlocked.Increment(ref doneCount);
                answers.Add(Stopwatch.GetElapsedTime(start));
            }
            catch (LlamaBusyException)
            {
                Interlocked.Increment(ref busyCount);
                refusals.Add(Stopwatch.GetElapsedTime(start));
            }

            LlamaModelStatistics statistics = model.Statistics;
            Max(ref mostUsed, statistics.KeyValueCacheUsedByteSize);
            statistics.WaitingCount.Should().BeLessThanOrEqualTo(WaitingCount);
        })));

        (busyCount + doneCount).Should().Be(CallCount);
        busyCount.Should().BePositive();
        doneCount.Should().BeGreaterThanOrEqualTo(WaitingCount);
        mostUsed.Should().BeLessThanOrEqualTo(1 << 20);
        // The median of the times that refusals took: a single refusal may wait for a processor, but most refusals must not wait for a place to become free.
        refusals.Order().ElementAt(refusals.Count / 2).Should().BeLessThan(answers.Max() / 10);
        (await Generate(model, Tokens(5, seed: 0), s_greedy with { MaxTokens = 300 })).Should().Equal(expected);

        static void Max(ref long most, long value)
        {
            for (long before = Volatile.Read(ref most); value > before; before = Volatile.Read(ref most))
            {
                Interlocked.CompareExchange(ref most, value, before);
            }
        }
    }

    private static int[] Tokens(int count, int seed)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(_ => random.Next(3, 1000))];
    }

    private static async Task<int[]> Generate(LlamaModel model, int[] prompt, GenerationOptions options, CancellationToken cancellationToken = default)
    {
        var tokens = new List<int>();
        await foreach (GenerationUpdate update in model.GenerateAsync(prompt, options, cancellationToken))
        {
            if (update.Token is int token)
            {
                tokens.Add(token);
            }
        }

        return [.. tokens];
    }

    private static async Task<GenerationUsage> Usage(LlamaModel model, int[] prompt, GenerationOptions? options = null)
        => (await model.GenerateAsync(prompt, options ?? s_greedy with { MaxTokens = 3 }).LastAsync()).Usage!;
}
