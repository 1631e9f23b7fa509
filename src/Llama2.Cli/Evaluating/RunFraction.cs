using Llama2.Evaluation;

namespace Llama2.Cli.Evaluating;

/// <summary>Reports the progress of a run as a fraction.</summary>
/// <param name="fractions">Receives fractions from 0 to 1.</param>
internal sealed class RunFraction(IProgress<double> fractions) : IProgress<EvaluationRunProgress>
{
    public void Report(EvaluationRunProgress value) => fractions.Report(value.Fraction);
}
