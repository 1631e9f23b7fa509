namespace Llama2.Evaluation;

/// <summary>The outcomes of a model's programs for a task. Immutable.</summary>
/// <param name="Task">The task.</param>
/// <param name="Runs">The result of each program, in the order of the continuations.</param>
public sealed record CodeScore(CodeTask Task, IReadOnlyList<CodeRunResult> Runs)
{
    /// <summary>The number of programs that passed the tests.</summary>
    public int PassedCount => Runs.Count(run => run.IsPassed);

    /// <summary>The estimate of pass@k for this task; see <see cref="PassAtK.Estimate"/>.</summary>
    /// <param name="k">1 to the number of programs.</param>
    /// <exception cref="ArgumentOutOfRangeException">The value is out of range.</exception>
    public double PassAt(int k) => PassAtK.Estimate(Runs.Count, PassedCount, k);
}
