namespace Llama2.Training.Kernels;

/// <summary>The constants of one step for one parameter, bias corrections included.</summary>
/// <param name="Beta1">How much of the first moment stays.</param>
/// <param name="Beta2">How much of the second moment stays.</param>
/// <param name="StepSize">Learning rate ÷ (1 − β₁^t).</param>
/// <param name="RootScale">1 ÷ √(1 − β₂^t).</param>
/// <param name="Epsilon">Added to the root of the second moment.</param>
/// <param name="Kept">Part of the weight that decay leaves.</param>
/// <param name="GradientScale">Factor of the gradient: less than 1 where it is clipped.</param>
internal readonly record struct AdamWStep(float Beta1, float Beta2, float StepSize, float RootScale, float Epsilon, float Kept, float GradientScale);
