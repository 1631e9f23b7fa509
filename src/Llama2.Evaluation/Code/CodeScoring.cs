namespace Llama2.Evaluation;

/// <summary>Runs a model's programs against the tests of their tasks. Thread-safe.</summary>
public static class CodeScoring
{
    /// <summary>Runs all programs, as many at the same time as there are processors.</summary>
    /// <param name="sandbox">Runs the programs.</param>
    /// <param name="answers">The tasks, each with what a model wrote for it.</param>
    /// <param name="progress">Receives after each program the number of finished programs and the fraction of those that passed; on a thread-pool thread.</param>
    /// <param name="cancellationToken">Ends the programs that are running.</param>
    /// <returns>The scores, in the order of the answers. The mean of <see cref="CodeScore.PassAt"/> over the tasks is the pass@k of the data set.</returns>
    /// <exception cref="SandboxUnavailableException">The sandbox cannot be set up.</exception>
    /// <exception cref="OperationCanceledException">Cancelled. No program is left running.</exception>
    public static async Task<IReadOnlyList<CodeScore>> RunAsync(
        ICodeSandbox sandbox, IReadOnlyList<CodeAnswers> answers, IProgress<EvaluationProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(sandbox);
        ArgumentNullException.ThrowIfNull(answers);
        CodeRunResult[][] results = [.. answers.Select(answer => new CodeRunResult[answer.Completions.Count])];
        int totalCount = results.Sum(runs => runs.Length), completedCount = 0, passedCount = 0;
        var progressLock = new Lock();
        var options = new ParallelOptions { MaxDegreeOfParallelism = Environment.ProcessorCount, CancellationToken = cancellationToken };
        IEnumerable<(int Task, int Completion)> places = results.SelectMany((runs, task) => runs.Select((_, completion) => (task, completion)));
        await Parallel.ForEachAsync(places, options, async (place, token) =>
        {
            CodeRunResult result = await RunAsync(sandbox, answers[place.Task].Task, answers[place.Task].Completions[place.Completion], token).ConfigureAwait(false);
            results[place.Task][place.Completion] = result;
            // The lock keeps the reports in the order of their counts.
            lock (progressLock)
            {
                passedCount += result.IsPassed ? 1 : 0;
                progress?.Report(new EvaluationProgress(++completedCount, totalCount, (double)passedCount / completedCount));
            }
        }).ConfigureAwait(false);
        return [.. answers.Select((answer, index) => new CodeScore(answer.Task, results[index]))];
    }

    // What is too long for the sandbox cannot be the answer to a task, and must not end the evaluation.
    private static async Task<CodeRunResult> RunAsync(ICodeSandbox sandbox, CodeTask task, string completion, CancellationToken cancellationToken)
    {
        CodeProgram program;
        try
        {
            program = task.CreateProgram(completion);
        }
        catch (ArgumentException exception)
        {
            return new CodeRunResult(CodeRunOutcome.Failed, $"The program was not run: {exception.Message}", null, null, "", TimeSpan.Zero);
        }

        return await sandbox.RunAsync(program, cancellationToken).ConfigureAwait(false);
    }
}
