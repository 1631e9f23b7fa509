using System.Runtime.CompilerServices;

namespace Llama2.Tests;

/// <summary>Generations whose readers stop reading.</summary>
public sealed class LlamaModelIdleReaderTests : IDisposable
{
    private const int ContextCount = 64;
    // The number of tokens that a generation runs ahead of its reader.
    private const int AheadCount = 63;
    private static readonly TimeSpan s_limit = TimeSpan.FromMinutes(5), s_patience = TimeSpan.FromSeconds(30);
    // Without reuse of prefixes, each generation has memory of its own.
    private static readonly GenerationOptions s_endless = new() { Temperature = 0, IgnoreEndOfSequence = true, ReusePrefix = false };
    private readonly ManualTimeProvider _clock = new();
    private readonly LlamaRuntime _runtime;
    private readonly LlamaModel _model;

    // With the default memory limit, the model has room for 64 contexts.
    public LlamaModelIdleReaderTests()
    {
        _runtime = new LlamaRuntime(new LlamaRuntimeOptions { TimeProvider = _clock });
        _model = LlamaModel.Load(DemonstrationModel.Path, new LlamaModelOptions { Runtime = _runtime });
    }

    public void Dispose()
    {
        _model.Dispose();
        _runtime.Dispose();
    }

    [Fact]
    public async Task GenerateAsync_SixtyFourReadersThatDoNotComeAgain_LeaveTheirMemoryAfterTheLimit()
    {
        IAsyncEnumerator<GenerationUpdate>[] abandoned = await StallAsync(ContextCount);
        Task<GenerationUpdate> next = _model.GenerateAsync("The cat", s_endless with { MaxTokens = 400 }).LastAsync().AsTask();
        await UntilAsync(() => _model.Statistics.WaitingCount == 1);

        _clock.Advance(s_limit - TimeSpan.FromMilliseconds(1));
        _model.Statistics.RunningCount.Should().Be(ContextCount);
        _clock.Advance(TimeSpan.FromMilliseconds(1));

        (await next.WaitAsync(s_patience)).Usage!.GeneratedTokenCount.Should().Be(400);
        await UntilAsync(() => _model.Statistics is { RunningCount: 0, WaitingCount: 0, KeyValueCacheUsedByteSize: 0, AbandonedCount: ContextCount });
        // A reader that continues later receives the text that was generated before, and then the exception with the reason.
        int count = 1;
        (await FluentActions.Awaiting(async () =>
        {
            for (; await abandoned[0].MoveNextAsync(); count++)
            {
            }
        }).Should().ThrowAsync<ReaderIdleException>().WithMessage("*300 seconds*ReaderIdleLimit*")).Which.Limit.Should().Be(s_limit);
        count.Should().Be(1 + AheadCount);
        _model.Statistics.AbandonedCount.Should().Be(ContextCount, "each counts once");
        GC.KeepAlive(abandoned);
    }

    [Fact]
    public async Task GenerateAsync_ReaderThatIsSlow_IsNeverEnded()
    {
        IAsyncEnumerator<GenerationUpdate> reader = (await StallAsync(1))[0];
        int count = 1;
        for (bool goesOn = true; goesOn;)
        {
            _clock.Advance(s_limit - TimeSpan.FromSeconds(1));
            goesOn = await reader.MoveNextAsync();
            count += goesOn ? 1 : 0;
            // The wait that begins now is a new one, with the whole limit.
            await UntilAsync(() => _model.Statistics is { StalledCount: 1 } or { RunningCount: 0 });
        }

        count.Should().BeGreaterThan(400, "it read to the end of the context");
        _model.Statistics.AbandonedCount.Should().Be(0);
        await reader.DisposeAsync();
    }

    [Fact]
    public async Task GenerateAsync_NobodyLags_StartsNoTimer()
    {
        await foreach (GenerationUpdate _ in _model.GenerateAsync("The cat", s_endless with { MaxTokens = 30 }))
        {
            _clock.RunningTimerCount.Should().Be(0);
        }

        _clock.Advance(TimeSpan.FromDays(1));
        _model.Statistics.AbandonedCount.Should().Be(0);
    }

    [Fact]
    public async Task GenerateAsync_InfiniteLimit_WaitsForEver()
    {
        using LlamaModel model = LlamaModel.Load(DemonstrationModel.Path, new LlamaModelOptions { Runtime = _runtime, ReaderIdleLimit = Timeout.InfiniteTimeSpan });
        await using IAsyncEnumerator<GenerationUpdate> reader = model.GenerateAsync("The cat", s_endless with { MaxTokens = 100 }).GetAsyncEnumerator();
        (await reader.MoveNextAsync()).Should().BeTrue();

        _clock.Advance(TimeSpan.FromDays(1000));
        int count = 1;
        while (await reader.MoveNextAsync())
        {
            count++;
        }

        count.Should().Be(101);
    }

    [Fact]
    public async Task GenerateAsync_EnumeratorsThatAreDropped_EndWhenTheyAreCollected()
    {
        using var source = new CancellationTokenSource();
        await DropAsync(token => _model.GenerateAsync("The cat", s_endless, token), source.Token);

        await CollectAsync(() => _model.Statistics is { RunningCount: 0, KeyValueCacheUsedByteSize: 0, AbandonedCount: ContextCount });
    }

    [Fact]
    public async Task SendAsync_EnumeratorsThatAreDropped_EndWhenTheyAreCollectedAndFreeTheirSessions()
    {
        IChatSession session = _model.CreateChatSession(new ChatSessionOptions { PromptFormat = PromptFormat.Llama2, Generation = s_endless });
        IChatSession[] sessions = [.. Enumerable.Range(0, 4).Select(_ => session.Fork())];
        await DropTurnsAsync(sessions);

        await CollectAsync(() => _model.Statistics is { RunningCount: 0, KeyValueCacheUsedByteSize: 0, AbandonedCount: 4 });

        (await sessions[0].SendAsync("Tell me a story.", s_endless with { MaxTokens = 5 }).CountAsync()).Should().Be(6);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-2)]
    [InlineData(31 * 24 * 3600 * 1000.0)]
    public void ReaderIdleLimit_OutOfRange_IsRefused(double milliseconds)
        => FluentActions.Invoking(() => new LlamaModelOptions { ReaderIdleLimit = TimeSpan.FromMilliseconds(milliseconds) })
            .Should().Throw<ArgumentOutOfRangeException>().WithParameterName(nameof(LlamaModelOptions.ReaderIdleLimit));

    private async Task<IAsyncEnumerator<GenerationUpdate>[]> StallAsync(int count)
    {
        var readers = new List<IAsyncEnumerator<GenerationUpdate>>();
        var counter = new TokenCounter();
        GenerationOptions counted = s_endless with { LogitProcessors = [new LogitProcessorStep(_ => counter)] };
        for (int i = 0; i < count; i++)
        {
            IAsyncEnumerator<GenerationUpdate> reader = _model.GenerateAsync("The cat", counted).GetAsyncEnumerator();
            (await reader.MoveNextAsync()).Should().BeTrue();
            readers.Add(reader);
        }

        // A generation may have stalled before its reader took the first update; it then continues by one token. So each generation must first have chosen
        // all tokens for which there is room.
        await UntilAsync(() => counter.Count == count * (1 + AheadCount));
        await UntilAsync(() => _model.Statistics.StalledCount == count && _clock.RunningTimerCount == 1);
        return [.. readers];
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static Task DropAsync(Func<CancellationToken, IAsyncEnumerable<GenerationUpdate>> generate, CancellationToken token)
        => Task.WhenAll(Enumerable.Range(0, ContextCount).Select(_ => DropOneAsync(generate(token))));

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static async Task DropOneAsync(IAsyncEnumerable<GenerationUpdate> updates)
    {
        IAsyncEnumerator<GenerationUpdate> reader = updates.GetAsyncEnumerator();
        (await reader.MoveNextAsync()).Should().BeTrue();
    }

    // Keeps the enumerators alive until the sessions have been checked, because another test may cause a garbage collection at any time.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static async Task DropTurnsAsync(IChatSession[] sessions)
    {
        IAsyncEnumerator<GenerationUpdate>[] readers = [.. sessions.Select(it => it.SendAsync("Tell me a story.").GetAsyncEnumerator())];
        foreach (IAsyncEnumerator<GenerationUpdate> reader in readers)
        {
            (await reader.MoveNextAsync()).Should().BeTrue();
        }

        FluentActions.Invoking(() => sessions[0].History = []).Should().Throw<InvalidOperationException>("its turn is under way");
        GC.KeepAlive(readers);
    }

    private static Task CollectAsync(Func<bool> isDone) => UntilAsync(() =>
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        return isDone();
    });

    private static async Task UntilAsync(Func<bool> isDone)
    {
        long start = TimeProvider.System.GetTimestamp();
        while (!isDone())
        {
            TimeProvider.System.GetElapsedTime(start).Should().BeLessThan(s_patience);
            await Task.Yield();
        }
    }

    // Changes nothing; counts the tokens that all its generations choose.
    private sealed class TokenCounter : ILogitProcessor
    {
        private int _count;

        public int Count => Volatile.Read(ref _count);

        public void Process(TokenCandidates candidates, ReadOnlySpan<int> history)
        {
        }

        public void Accept(int token, double probability) => Interlocked.Increment(ref _count);
    }
}
