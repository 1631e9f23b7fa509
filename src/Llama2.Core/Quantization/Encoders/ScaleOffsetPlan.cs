namespace Llama2.Quantization.Encoders;

/// <summary>What <see cref="ScaleOffsetSearch"/> tries: factors that stretch a group's range over <c>MaxCode + FirstStep + StepSize · 0 … StepCount</c> codes.</summary>
/// <param name="MaxCode">The largest code; the smallest is 0.</param>
/// <param name="FirstStep">What the first factor adds to the largest code.</param>
/// <param name="StepSize">What each further factor adds.</param>
/// <param name="StepCount">Factors after the first.</param>
/// <param name="UsesAbsoluteError">Whether absolute errors are compared instead of squared ones.</param>
internal readonly record struct ScaleOffsetPlan(int MaxCode, float FirstStep, float StepSize, int StepCount, bool UsesAbsoluteError = false)
{
    /// <summary>The finer search that GGML does where columns are of different importance.</summary>
    public static ScaleOffsetPlan WithColumnImportance(int maxCode) => new(maxCode, -0.9f, 0.05f, 36);
}
