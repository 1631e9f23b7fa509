using System.Diagnostics;

namespace Llama2.Cli.Benchmarking;

/// <summary>One of several concurrent generations, with the times of its tokens.</summary>
internal sealed class BenchmarkSession
{
    private readonly TaskCompletionSource _firstToken = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TokenClock _clock;

    /// <summary>Starts to generate.</summary>
    public BenchmarkSession(LlamaModel model, int[] prompt, int tokenCount, CancellationToken cancellationToken)
    {
        _clock = new TokenClock(tokenCount);
        GenerationOptions options = Benchmark.Greedy with { MaxTokens = tokenCount, LogitProcessors = [new LogitProcessorStep(_ => _clock)] };
        Completion = Task.Run(() => ReadAsync(model.GenerateAsync(prompt, options, cancellationToken)), cancellationToken);
    }

    /// <summary>Completed when the first token has arrived, or when it is known that none will arrive.</summary>
    public Task FirstToken => _firstToken.Task;

    /// <summary>Completed when the last token has arrived.</summary>
    public Task Completion { get; }

    /// <summary>The time at which each token was chosen, in ticks of <see cref="Stopwatch"/>; read it only after the generation has finished.</summary>
    public IReadOnlyList<long> Times => _clock.Times;

    /// <summary>Returns the length in milliseconds of each interval between consecutive tokens that overlaps with the given period.</summary>
    public IEnumerable<double> Intervals(long start, long end)
    {
        for (int i = 1; i < Times.Count; i++)
        {
            if (Times[i] > start && Times[i - 1] < end)
            {
                yield return Stopwatch.GetElapsedTime(Times[i - 1], Times[i]).TotalMilliseconds;
            }
        }
    }

    private async Task ReadAsync(IAsyncEnumerable<GenerationUpdate> updates)
    {
        try
        {
            await foreach (GenerationUpdate update in updates.ConfigureAwait(false))
            {
                if (update.Token is not null)
                {
                    _firstToken.TrySetResult();
                }
            }
        }
        finally
        {
            _firstToken.TrySetResult();
        }
    }
}
