namespace Llama2.Training.Optimizers;

/// <summary>The constants of AdamW.</summary>
/// <param name="Beta1">The fraction of the first moment that is kept.</param>
/// <param name="Beta2">The fraction of the second moment that is kept.</param>
/// <param name="Epsilon">Added to the root of the second moment.</param>
/// <param name="WeightDecay">The fraction of a weight, times the learning rate, that is subtracted.</param>
internal readonly record struct AdamWSettings(float Beta1, float Beta2, float Epsilon, float WeightDecay);
