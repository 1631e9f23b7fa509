using static System.FormattableString;

namespace Llama2.Cli.Training;

/// <summary>
/// The change of the training loss over a run. The losses of two steps cannot be compared, because a step's loss depends on its samples, some of
/// which are harder than others. So the mean losses of the first and the last steps are compared. Each mean is over a tenth of all steps, but over at
/// least 10 steps. In a run of fewer than 20 steps, each mean is over half of them.
/// </summary>
/// <param name="First">The mean loss of the first <paramref name="Width"/> steps.</param>
/// <param name="Last">The mean loss of the last <paramref name="Width"/> steps.</param>
/// <param name="Width">The number of steps over which each mean is computed.</param>
/// <param name="StepCount">The number of all steps.</param>
/// <param name="Start">The loss of the first step, before any weight has changed.</param>
internal sealed record LossTrend(double First, double Last, int Width, int StepCount, double Start)
{
    private const int Fraction = 10, MinWidth = 10;

    // With two or three steps, the first and the last step are compared, because means of more steps would overlap.
    private const int MinStepCount = 4;

    /// <param name="losses">The loss of each step, one or more.</param>
    public static LossTrend Of(IReadOnlyList<double> losses)
    {
        int width = losses.Count < MinStepCount ? 1 : Math.Max(losses.Count / Fraction, Math.Min(losses.Count / 2, MinWidth));
        return new LossTrend(losses.Take(width).Average(), losses.TakeLast(width).Average(), width, losses.Count, losses[0]);
    }

    /// <summary>
    /// Whether the loss has risen above that of a model that only guesses, or to it from far below: a rate that is far too high lets the loss rise in the
    /// second step and then stay where it is.
    /// </summary>
    /// <param name="guessing">The loss of a model that gives all tokens, or both answers of a pair, the same probability.</param>
    public bool IsDivergence(double guessing) => (Last > First && Last > guessing) || (Start < 0.75 * guessing && Last > 0.95 * guessing);

    /// <summary>The mean losses at the beginning and at the end, and the number of steps over which each mean is computed.</summary>
    public override string ToString() =>
        StepCount == 1 ? Invariant($"loss {First:F4} in 1 step")
        : Width == 1 ? Invariant($"loss {First:F4} → {Last:F4} in {StepCount:N0} steps")
        : Invariant($"loss {First:F4} → {Last:F4} in {StepCount:N0} steps (means of the first and the last {Width:N0})");
}
