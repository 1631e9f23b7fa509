namespace Llama2.Evaluation.Running;

/// <summary>One run over tasks, which computes several examples at the same time.</summary>
/// <param name="backend">Answers the requests.</param>
/// <param name="tasks">The tasks.</param>
/// <param name="maxExampleCount">The maximum number of examples of each task; null for all.</param>
/// <param name="progress">Receives the progress.</param>
internal sealed class EvaluationRun(
    JournaledBackend backend, IReadOnlyList<IEvaluationTask> tasks, int? maxExampleCount, IProgress<EvaluationRunProgress>? progress)
{
    private readonly ExampleResult[][] _results = [.. tasks.Select(task => new ExampleResult[Math.Min(task.ExampleCount, maxExampleCount ?? int.MaxValue)])];
    private readonly Lock _progressLock = new();
    private int _completedCount;

    /// <summary>The results of a task's examples.</summary>
    public ExampleResult[] ResultsOf(int taskIndex) => _results[taskIndex];

    /// <summary>Computes all examples.</summary>
    public async Task ComputeAsync(int concurrentExampleCount, CancellationToken cancellationToken)
    {
        var options = new ParallelOptions { MaxDegreeOfParallelism = concurrentExampleCount, CancellationToken = cancellationToken };
        await Parallel.ForEachAsync(Examples(), options, ComputeAsync).ConfigureAwait(false);
    }

    // In the order of the tasks, because neighbouring examples share the beginning of their prompts.
    private IEnumerable<(int Task, int Example)> Examples()
    {
        for (int task = 0; task < tasks.Count; task++)
        {
            for (int example = 0; example < _results[task].Length; example++)
                yield return (task, example);
        }
    }

    private async ValueTask ComputeAsync((int Task, int Example) item, CancellationToken cancellationToken)
    {
        IEvaluationTask task = tasks[item.Task];
        EvaluationExample example = task.CreateExample(item.Example);
        var responses = new Task<EvaluationResponse>[example.Requests.Count];
        for (int i = 0; i < responses.Length; i++)
            responses[i] = backend.AnswerAsync(example.Requests[i], cancellationToken);
        EvaluationResponse[] answers = await Task.WhenAll(responses).ConfigureAwait(false);
        EvaluationScore score = await task.ScoreAsync(example, answers, cancellationToken).ConfigureAwait(false);
        _results[item.Task][item.Example] = new ExampleResult(example, answers, score);
        Report(task.Info.Name);
    }

    private void Report(string taskName)
    {
        // The lock keeps the reports in the order of their counts.
        lock (_progressLock)
        {
            _completedCount++;
            progress?.Report(new EvaluationRunProgress(taskName, _completedCount, _results.Sum(results => results.Length), backend.StoredResponseCount));
        }
    }
}
