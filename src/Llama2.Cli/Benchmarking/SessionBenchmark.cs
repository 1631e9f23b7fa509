using System.Diagnostics;
using Llama2.Cli.Terminal;

namespace Llama2.Cli.Benchmarking;

/// <summary>Measures concurrent generations: their combined speed, and how much they slow down while the prompt of another generation is computed.</summary>
internal sealed class SessionBenchmark(LlamaModel model, int sessionCount, int promptTokenCount, int generatedTokenCount)
{
    /// <summary>The number of tokens of each session's prompt. No two sessions have the same prompt.</summary>
    public const int SessionPromptTokenCount = 8;

    private const double UpperPercentile = 0.95;
    private readonly List<double> _alone = [];
    private readonly List<double> _together = [];
    private readonly List<double> _medians = [];
    private readonly List<double> _percentiles = [];
    private readonly List<double> _mediansWithPrefill = [];
    private readonly List<double> _percentilesWithPrefill = [];
    private readonly List<double> _prefill = [];

    /// <summary>The results; available after at least one run.</summary>
    public IReadOnlyList<BenchmarkFigure> Figures =>
    [
        new("sessions", sessionCount, "N0"),
        new("sessions tokens per second", _together, "N1", IsRepeated: true),
        new("one session tokens per second", _alone, "N1", IsRepeated: true),
        new("sessions ratio to one", [.. _together.Zip(_alone, (together, alone) => together / alone)], "N2", IsRepeated: true),
        new("token interval median milliseconds", _medians, "N2", IsRepeated: true),
        new("token interval p95 milliseconds", _percentiles, "N2", IsRepeated: true),
        new("other prompt tokens", promptTokenCount, "N0"),
        new("other prompt tokens per second", _prefill, "N1", IsRepeated: true),
        new("token interval beside prompt median milliseconds", _mediansWithPrefill, "N2", IsRepeated: true),
        new("token interval beside prompt p95 milliseconds", _percentilesWithPrefill, "N2", IsRepeated: true),
    ];

    /// <summary>Makes all measurements once.</summary>
    /// <param name="isCounted">Whether the figures of this run are kept; those of a warm-up run are not.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <exception cref="CommandException">
    /// The sessions never generated at the same time: they need more than the memory for keys and values, or finished too soon.
    /// </exception>
    public async Task RunOnceAsync(bool isCounted, CancellationToken cancellationToken)
    {
        (double alone, _) = await DecodeAsync(1, cancellationToken).ConfigureAwait(false);
        (double together, double[] intervals) = await DecodeAsync(sessionCount, cancellationToken).ConfigureAwait(false);
        (double prefill, double[] intervalsWithPrefill) = await DecodeBesidePromptAsync(cancellationToken).ConfigureAwait(false);
        if (isCounted)
        {
            _alone.Add(alone);
            _together.Add(together);
            _prefill.Add(prefill);
            _medians.Add(BenchmarkFigure.Percentile(intervals, 0.5));
            _percentiles.Add(BenchmarkFigure.Percentile(intervals, UpperPercentile));
            _mediansWithPrefill.Add(BenchmarkFigure.Percentile(intervalsWithPrefill, 0.5));
            _percentilesWithPrefill.Add(BenchmarkFigure.Percentile(intervalsWithPrefill, UpperPercentile));
        }
    }

    private async Task<(double TokensPerSecond, double[] Intervals)> DecodeAsync(int count, CancellationToken cancellationToken)
    {
        BenchmarkSession[] sessions = Start(count, generatedTokenCount, cancellationToken);
        await Task.WhenAll(sessions.Select(session => session.Completion)).ConfigureAwait(false);
        // The period in which all sessions generate: from the first token of the session that begins last to the last token of the session that ends
        // first.
        long start = sessions.Max(session => session.Times[0]), end = sessions.Min(session => session.Times[^1]);
        if (start >= end)
        {
            throw TooMany();
        }

        int tokenCount = sessions.Sum(session => session.Times.Count(time => time > start && time <= end));
        return (tokenCount / Stopwatch.GetElapsedTime(start, end).TotalSeconds, [.. sessions.SelectMany(session => session.Intervals(start, end))]);
    }

    private async Task<(double TokensPerSecond, double[] Intervals)> DecodeBesidePromptAsync(CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        // Each forward pass that computes a token of the sessions also computes at least one token of the other prompt. With this many tokens, the
        // sessions therefore do not finish before that prompt is computed.
        int tokenCount = Math.Min(model.ContextLength - SessionPromptTokenCount, generatedTokenCount + promptTokenCount);
        BenchmarkSession[] sessions = Start(sessionCount, tokenCount, stop.Token);
        await Task.WhenAll(sessions.Select(session => session.FirstToken)).ConfigureAwait(false);
        long start = Stopwatch.GetTimestamp();
        var other = new BenchmarkSession(model, Benchmark.Prompt(model, promptTokenCount), tokenCount: 1, cancellationToken);
        await other.Completion.ConfigureAwait(false);
        await stop.CancelAsync().ConfigureAwait(false);
        foreach (BenchmarkSession session in sessions)
        {
            await session.Completion.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        cancellationToken.ThrowIfCancellationRequested();
        double[] intervals = [.. sessions.SelectMany(session => session.Intervals(start, other.Times[0]))];
        return intervals.Length > 0 ? (promptTokenCount / Stopwatch.GetElapsedTime(start, other.Times[0]).TotalSeconds, intervals) : throw TooMany();
    }

    private BenchmarkSession[] Start(int count, int tokenCount, CancellationToken cancellationToken)
        => [.. Enumerable.Range(0, count).Select(seed => new BenchmarkSession(model, Benchmark.Prompt(model, SessionPromptTokenCount, seed), tokenCount, cancellationToken))];

    private CommandException TooMany() => new(FormattableString.Invariant(
        $"{sessionCount:N0} sessions never generated at the same time: they do not fit in the {model.Statistics.KeyValueCacheByteSize:N0} bytes for keys and values, or finish too soon; lower --sessions, or raise --generate."));
}
