using Llama2.Evaluation.Benchmarks;
using Llama2.Evaluation.Harness.Yaml;
using Llama2.Evaluation.Tasks;

namespace Llama2.Evaluation.Harness.Definitions;

/// <summary>A task that a task file defines. Its documents are read when they are first needed. Thread-safe.</summary>
internal sealed class HarnessTask : IEvaluationTask
{
    private readonly Lazy<DocumentTask> _task;

    /// <summary>Reads the task's configuration.</summary>
    /// <param name="name">The task's name.</param>
    /// <param name="configuration">The map of its file, with what it includes.</param>
    /// <param name="options">The caller's options.</param>
    /// <param name="source">Reads a split of a data set.</param>
    /// <exception cref="HarnessTaskException">The configuration is malformed, or needs a feature that is not supported.</exception>
    public HarnessTask(string name, YamlValue configuration, HarnessTaskOptions options, DocumentSource source)
    {
        var file = new TaskFile(name, configuration);
        var settings = new TaskSettings(file, options);
        Info = new EvaluationTaskInfo(name)
        {
            Alias = file.Text("task_alias"),
            Version = file.Find("metadata")?.Find("version")?.Text ?? "Yaml",
            Description = $"Task file of lm-evaluation-harness: {Path.GetFileName(configuration.File)}, data set {settings.Dataset}{(file.Text("dataset_name") is { } part ? $" ({part})" : "")}.",
            OutputType = OutputTypeName.Of(settings.Output),
            FewShotCount = settings.FewShotCount,
            Tags = Files.TaskFileIndex.TagsOf(file.Find("tag")),
            Configuration = configuration.ToJson(),
        };
        Metrics = [.. settings.Metrics.Select(metric => metric.Metric)];
        _task = new Lazy<DocumentTask>(() => new DocumentTask(new TaskDocuments(settings, Info, source).Define()));
    }

    public EvaluationTaskInfo Info { get; }

    public IReadOnlyList<TaskMetric> Metrics { get; }

    public int ExampleCount => _task.Value.ExampleCount;

    public EvaluationExample CreateExample(int index) => _task.Value.CreateExample(index);

    public ValueTask<EvaluationScore> ScoreAsync(EvaluationExample example, IReadOnlyList<EvaluationResponse> responses, CancellationToken cancellationToken = default)
        => _task.Value.ScoreAsync(example, responses, cancellationToken);
}
