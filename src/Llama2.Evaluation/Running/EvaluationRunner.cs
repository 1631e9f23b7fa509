using System.Diagnostics;
using System.Runtime.InteropServices;
using Llama2.Evaluation.Running;
using static System.FormattableString;

namespace Llama2.Evaluation;

/// <summary>
/// Runs tasks: makes the requests of many examples at the same time, stores every response as it comes, and computes the metrics. The same tasks and
/// the same model give the same results, bit for bit, however many examples are computed at the same time and wherever a run was interrupted. Thread-safe.
/// </summary>
/// <example><code>
/// using LlamaModel model = LlamaModel.Load("llama-2-7b.Q4_K_M.gguf");
/// EvaluationReport report = await EvaluationRunner.RunAsync(new ModelBackend(model), tasks, new EvaluationRunOptions { JournalPath = "mmlu.journal" });
/// </code></example>
public static class EvaluationRunner
{
    /// <summary>Runs tasks.</summary>
    /// <param name="backend">Answers the requests; see <see cref="ModelBackend"/>.</param>
    /// <param name="tasks">One or more tasks with different names.</param>
    /// <param name="options">How to run; null for the defaults.</param>
    /// <param name="progress">Receives the progress after each example, on a thread-pool thread.</param>
    /// <param name="cancellationToken">Ends the run. Responses that are in the journal stay there.</param>
    /// <exception cref="ArgumentException">There are no tasks, two tasks or groups have the same name, or a <see cref="RecordedBackend"/> is used with a journal.</exception>
    /// <exception cref="EvaluationDataException">A record of a data set is malformed, or the journal belongs to another model or is not a journal.</exception>
    /// <exception cref="LlamaException">The model cannot answer a request.</exception>
    /// <exception cref="IOException">The journal cannot be opened or written.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public static async Task<EvaluationReport> RunAsync(
        IEvaluationBackend backend,
        IReadOnlyList<IEvaluationTask> tasks,
        EvaluationRunOptions? options = null,
        IProgress<EvaluationRunProgress>? progress = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(backend);
        ArgumentNullException.ThrowIfNull(tasks);
        options ??= new EvaluationRunOptions();
        Check(tasks, options);
        if (backend is RecordedBackend && options.JournalPath is not null)
            throw new ArgumentException($"A {nameof(RecordedBackend)} needs no journal, and a journal would give equal requests the same response.", nameof(options));
        DateTimeOffset startTime = options.TimeProvider.GetUtcNow();
        long start = options.TimeProvider.GetTimestamp();
        using ResponseJournal? journal = options.JournalPath is { } path ? ResponseJournal.Open(path, backend.Fingerprint) : null;
        var journaled = new JournaledBackend(backend, journal);
        var run = new EvaluationRun(journaled, tasks, options.MaxExampleCount, progress);
        await run.ComputeAsync(options.ConcurrentExampleCount, cancellationToken).ConfigureAwait(false);
        TaskReport[] reports = [.. tasks.Select((task, index) => ToReport(task, run.ResultsOf(index)))];
        return new EvaluationReport
        {
            ModelName = backend.Name,
            Fingerprint = backend.Fingerprint,
            Tasks = reports,
            Groups = [.. options.Groups.Select(group => GroupAggregation.Aggregate(group, options.Groups, reports))],
            StartTime = startTime,
            Duration = options.TimeProvider.GetElapsedTime(start),
            MaxExampleCount = options.MaxExampleCount,
            StoredResponseCount = journaled.StoredResponseCount,
            LibraryVersion = typeof(EvaluationRunner).Assembly.GetName().Version?.ToString(3) ?? "",
            Processor = Invariant($"{RuntimeInformation.ProcessArchitecture}, {LlamaHardware.KernelTier}, {LlamaHardware.PhysicalCoreCount} cores"),
        };
    }

    private static void Check(IReadOnlyList<IEvaluationTask> tasks, EvaluationRunOptions options)
    {
        if (tasks.Count == 0)
            throw new ArgumentException("There are no tasks to run.", nameof(tasks));
        var names = new HashSet<string>();
        foreach (IEvaluationTask task in tasks)
        {
            if (!names.Add(task.Info.Name))
                throw new ArgumentException($"Two tasks have the name '{task.Info.Name}'.", nameof(tasks));
        }

        foreach (EvaluationTaskGroup group in options.Groups)
        {
            if (!names.Add(group.Name))
                throw new ArgumentException($"Two groups, or a task and a group, have the name '{group.Name}'.", nameof(options));
        }
    }

    private static TaskReport ToReport(IEvaluationTask task, ExampleResult[] examples)
    {
        List<MetricResult> metrics = [];
        foreach (TaskMetric metric in task.Metrics)
        {
            List<MetricSample> samples = [];
            foreach (ExampleResult example in examples)
            {
                if (example.Score.Samples.TryGetValue(metric.Key, out MetricSample sample))
                    samples.Add(sample);
            }

            MetricValue value = samples.Count == 0 ? new MetricValue(double.NaN, null) : metric.Aggregation.Aggregate(samples);
            metrics.Add(new MetricResult(metric, value.Value, value.StandardError, samples.Count));
        }

        Debug.Assert(examples.All(example => example is not null), "Each example has been computed.");
        return new TaskReport(task.Info, metrics, examples, task.ExampleCount);
    }
}
