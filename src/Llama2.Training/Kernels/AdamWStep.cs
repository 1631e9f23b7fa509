namespace Llama2.Training.Kernels;

/// <summary>The constants of one AdamW step for one parameter, including the bias corrections.</summary>
/// <param name="Beta1">The fraction of the first moment that is kept.</param>
/// <param name="Beta2">The fraction of the second moment that is kept.</param>
/// <param name="StepSize">Learning rate ÷ (1 − β₁^t).</param>
/// <param name="RootScale">1 ÷ √(1 − β₂^t).</param>
/// <param name="Epsilon">The number that is added to the square root of the second moment.</param>
/// <param name="Kept">The fraction of the weight that remains after decay.</param>
/// <param name="GradientScale">The factor by which the gradient is multiplied; it is less than 1 if the gradient is clipped.</param>
internal readonly record struct AdamWStep(float Beta1, float Beta2, float StepSize, float RootScale, float Epsilon, float Kept, float GradientScale);
