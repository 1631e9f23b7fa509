using System.Globalization;
using System.Text.Json;
using Llama2.Evaluation.Tasks;

namespace Llama2.Evaluation;

/// <summary>
/// Programming tasks for an <see cref="EvaluationRunner"/>: the model writes programs, which a sandbox runs against the tasks' tests. The metrics are
/// <c>pass@k</c>. Thread-safe.
/// </summary>
public sealed class CodeEvaluationTask : IEvaluationTask
{
    private readonly IReadOnlyList<CodeTask> _tasks;
    private readonly ICodeSandbox _sandbox;
    private readonly CodeEvaluationOptions _options;

    /// <summary>Initializes the evaluation.</summary>
    /// <param name="name">Its name in reports, such as <c>humaneval</c>.</param>
    /// <param name="tasks">The programming tasks, 1 or more; see <see cref="CodeTasks"/>.</param>
    /// <param name="sandbox">Runs the programs.</param>
    /// <param name="options">How the model is asked; null for the defaults.</param>
    /// <exception cref="ArgumentException">There are no tasks, or a k of pass@k is less than 1 or greater than the number of programs.</exception>
    public CodeEvaluationTask(string name, IReadOnlyList<CodeTask> tasks, ICodeSandbox sandbox, CodeEvaluationOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentNullException.ThrowIfNull(tasks);
        ArgumentNullException.ThrowIfNull(sandbox);
        (_tasks, _sandbox, _options) = ([.. tasks], sandbox, options ?? new CodeEvaluationOptions());
        if (_tasks.Count == 0)
            throw new ArgumentException("There are no tasks.", nameof(tasks));
        if (_options.PassCounts.FirstOrDefault(k => k < 1 || k > _options.SampleCount, defaultValue: 1) is int k and not 1)
            throw new ArgumentException($"pass@{k} needs k from 1 to SampleCount, which is {_options.SampleCount}.", nameof(options));
        Info = new EvaluationTaskInfo(name)
        {
            OutputType = OutputTypeName.Of(DocumentOutput.Generation),
            Description = "Programs in Python, run in a sandbox against the tests of the data set; pass@k as in Chen et al. 2021 (arXiv 2107.03374).",
        };
        Metrics = [.. _options.PassCounts.Select(MetricOf)];
    }

    /// <inheritdoc/>
    public EvaluationTaskInfo Info { get; }

    /// <inheritdoc/>
    public IReadOnlyList<TaskMetric> Metrics { get; }

    /// <inheritdoc/>
    public int ExampleCount => _tasks.Count;

    /// <inheritdoc/>
    public EvaluationExample CreateExample(int index)
    {
        CodeTask task = _tasks[index];
        EvaluationRequest[] requests = [.. Enumerable.Range(0, _options.SampleCount).Select(repeat => new GenerationRequest(task.Prompt)
        {
            StopSequences = task.StopSequences,
            MaxTokens = _options.MaxTokens ?? task.MaxTokens,
            Temperature = _options.Temperature,
            TopP = _options.TopP,
            Repeat = repeat,
        })];
        return new EvaluationExample(index, Describe(task), requests, task.Solution);
    }

    /// <inheritdoc/>
    /// <exception cref="SandboxUnavailableException">The sandbox cannot be set up.</exception>
    public async ValueTask<EvaluationScore> ScoreAsync(
        EvaluationExample example, IReadOnlyList<EvaluationResponse> responses, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(example);
        ArgumentNullException.ThrowIfNull(responses);
        var answers = new CodeAnswers(_tasks[example.Index], [.. responses.Select(response => response.Text ?? "")]);
        CodeScore score = (await CodeScoring.RunAsync(_sandbox, [answers], progress: null, cancellationToken).ConfigureAwait(false))[0];
        return new EvaluationScore(_options.PassCounts.ToDictionary(k => MetricOf(k).Key, k => new MetricSample(score.PassAt(k))))
        {
            Answer = answers.Completions[0],
            IsCorrect = score.Runs[0].IsPassed,
        };
    }

    private static TaskMetric MetricOf(int k) => new($"pass@{k.ToString(CultureInfo.InvariantCulture)}");

    private static JsonElement Describe(CodeTask task)
    {
        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream))
        {
            writer.WriteStartObject();
            writer.WriteString("task_id", task.Id);
            writer.WriteEndObject();
        }

        using var document = JsonDocument.Parse(stream.ToArray());
        return document.RootElement.Clone();
    }
}
