namespace Llama2.Quantization.Encoders;

/// <summary>
/// The factors that <see cref="ScaleOffsetSearch"/> tries. For i from 0 to StepCount, factor i maps the range of a group's weights to the range from
/// 0 to <c>MaxCode + FirstStep + i · StepSize</c>.
/// </summary>
/// <param name="MaxCode">The largest code; the smallest is 0.</param>
/// <param name="FirstStep">The number that the first factor adds to the largest code.</param>
/// <param name="StepSize">The number that is added to the largest code grows by this amount from one factor to the next.</param>
/// <param name="StepCount">The number of factors after the first.</param>
/// <param name="UsesAbsoluteError">Whether absolute errors are compared instead of squared errors.</param>
internal readonly record struct ScaleOffsetPlan(int MaxCode, float FirstStep, float StepSize, int StepCount, bool UsesAbsoluteError = false)
{
    /// <summary>The plan of the finer search that GGML makes if columns differ in importance.</summary>
    public static ScaleOffsetPlan WithColumnImportance(int maxCode) => new(maxCode, -0.9f, 0.05f, 36);
}
