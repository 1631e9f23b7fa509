namespace Llama2.Training.Optimizers;

/// <summary>The constants of AdamW.</summary>
/// <param name="Beta1">The fraction of the first moment that is kept.</param>
/// <param name="Beta2">The fraction of the second moment that is kept.</param>
/// <param name="Epsilon">The number that is added to the square root of the second moment.</param>
/// <param name="WeightDecay">Each step reduces a weight by this fraction of the weight, multiplied by the learning rate.</param>
internal readonly record struct AdamWSettings(float Beta1, float Beta2, float Epsilon, float WeightDecay);
