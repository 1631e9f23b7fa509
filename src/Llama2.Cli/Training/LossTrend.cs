using static System.FormattableString;

namespace Llama2.Cli.Training;

/// <summary>
/// The change of the training loss over a run. A step's loss is that of its own samples, some of which are harder than others, so the means of several
/// steps at both ends are compared: of a tenth of all steps each, or of 10 if that is more, or of half of a short run.
/// </summary>
/// <param name="First">The mean loss of the first <paramref name="Width"/> steps.</param>
/// <param name="Last">The mean loss of the last <paramref name="Width"/> steps.</param>
/// <param name="Width">The number of steps of each mean.</param>
/// <param name="StepCount">The number of all steps.</param>
internal sealed record LossTrend(double First, double Last, int Width, int StepCount)
{
    private const int Fraction = 10, MinWidth = 10;

    // Two or three steps are too few for two means.
    private const int MinStepCount = 4;

    /// <param name="losses">The loss of each step, one or more.</param>
    public static LossTrend Of(IReadOnlyList<double> losses)
    {
        int width = losses.Count < MinStepCount ? 1 : Math.Max(losses.Count / Fraction, Math.Min(losses.Count / 2, MinWidth));
        return new LossTrend(losses.Take(width).Average(), losses.TakeLast(width).Average(), width, losses.Count);
    }

    /// <summary>Whether the model has become worse than one that knows nothing.</summary>
    /// <param name="guessing">The loss of guessing.</param>
    public bool IsDivergence(double guessing) => Last > First && Last > guessing;

    /// <summary>The loss before and after, and of how many steps they are the means.</summary>
    public override string ToString() =>
        StepCount == 1 ? Invariant($"loss {First:F4} in 1 step")
        : Width == 1 ? Invariant($"loss {First:F4} → {Last:F4} in {StepCount:N0} steps")
        : Invariant($"loss {First:F4} → {Last:F4} in {StepCount:N0} steps (means of the first and the last {Width:N0})");
}
