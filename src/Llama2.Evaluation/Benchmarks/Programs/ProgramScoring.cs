using Llama2.Evaluation.Tasks;

namespace Llama2.Evaluation.Benchmarks.Programs;

/// <summary>Metrics pass@k of generated programs, which a sandbox runs.</summary>
internal sealed class ProgramScoring
{
    // One for the process, because its trials take about two seconds.
    private static readonly Lazy<Task<BubblewrapSandbox>> s_sandbox = new(CreateSandboxAsync);

    private readonly ICodeSandbox? _sandbox;
    private readonly Func<int, TaskMetric> _metric;
    private readonly IReadOnlyList<int> _passCounts;

    /// <param name="options">The sandbox, the number of programs and the values of k.</param>
    /// <param name="metric">Makes the metric for a k.</param>
    /// <exception cref="ArgumentException">A k is greater than the number of programs.</exception>
    public ProgramScoring(BuiltInTaskOptions options, Func<int, TaskMetric> metric)
    {
        SampleCount = options.SampleCount ?? options.PassCounts.Max();
        if (options.PassCounts.Any(k => k > SampleCount))
        {
            throw new ArgumentException(
                $"pass@{options.PassCounts.Max()} needs as many programs for each problem, but {nameof(BuiltInTaskOptions.SampleCount)} is {SampleCount}.", nameof(options));
        }

        (_metric, _passCounts, _sandbox) = (metric, options.PassCounts, options.Sandbox);
        // One program is the likeliest one; several have to differ, and are drawn as in lm-evaluation-harness' humaneval_64.
        bool draws = SampleCount > 1;
        Generation = new GenerationRequest("") { Temperature = options.Temperature ?? (draws ? 0.2f : 0), TopP = options.TopP ?? (draws ? 0.95f : 1) };
    }

    /// <summary>The number of programs for each problem.</summary>
    public int SampleCount { get; }

    /// <summary>How programs are drawn; without stop sequences and length.</summary>
    public GenerationRequest Generation { get; }

    public IReadOnlyList<DocumentMetric> Metrics => [.. _passCounts.Select(k => BenchmarkMetrics.OfScorer(_metric(k)))];

    /// <summary>Runs the programs of a problem.</summary>
    /// <exception cref="SandboxUnavailableException">There is no secure sandbox on this machine; no program has run.</exception>
    public async ValueTask<EvaluationScore> ScoreAsync(DocumentOutcome outcome, CodeTask task, CancellationToken cancellationToken)
    {
        ICodeSandbox sandbox = _sandbox ?? await s_sandbox.Value.WaitAsync(cancellationToken).ConfigureAwait(false);
        var answers = new CodeAnswers(task, [.. outcome.Responses.Select(response => response.Text ?? "")]);
        CodeScore score = (await CodeScoring.RunAsync(sandbox, [answers], progress: null, cancellationToken).ConfigureAwait(false))[0];
        return new EvaluationScore(_passCounts.ToDictionary(k => _metric(k).Key, k => new MetricSample(score.PassAt(k))))
        {
            Answer = answers.Completions[0],
            IsCorrect = score.Runs[0].IsPassed,
        };
    }

    private static async Task<BubblewrapSandbox> CreateSandboxAsync()
    {
        BubblewrapSandbox sandbox = await BubblewrapSandbox.CreateAsync().ConfigureAwait(false);
        // Deletes its temporary file.
        AppDomain.CurrentDomain.ProcessExit += (_, _) => sandbox.Dispose();
        return sandbox;
    }
}
