using System.Diagnostics;

namespace Llama2.Cli.Benchmarking;

/// <summary>One of several concurrent generations, with the times of its tokens.</summary>
internal sealed class BenchmarkSession
{
    private readonly TaskCompletionSource _firstToken = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly List<long> _times;

    /// <summary>Starts to generate.</summary>
    public BenchmarkSession(LlamaModel model, int[] prompt, int tokenCount, CancellationToken cancellationToken)
    {
        _times = new List<long>(tokenCount);
        GenerationOptions options = Benchmark.Greedy with { MaxTokens = tokenCount };
        Completion = Task.Run(() => ReadAsync(model.GenerateAsync(prompt, options, cancellationToken)), cancellationToken);
    }

    /// <summary>Completed when the first token has arrived, or when it is known that none will arrive.</summary>
    public Task FirstToken => _firstToken.Task;

    /// <summary>Completed when the last token has arrived.</summary>
    public Task Completion { get; }

    /// <summary>The time of each token, in ticks of <see cref="Stopwatch"/>; to be read when the generation is finished.</summary>
    public IReadOnlyList<long> Times => _times;

    /// <summary>The times between consecutive tokens, in seconds, that overlap with a given period.</summary>
    public IEnumerable<double> Intervals(long start, long end)
    {
        for (int i = 1; i < _times.Count; i++)
        {
            if (_times[i] > start && _times[i - 1] < end)
            {
                yield return Stopwatch.GetElapsedTime(_times[i - 1], _times[i]).TotalSeconds;
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
                    _times.Add(Stopwatch.GetTimestamp());
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
