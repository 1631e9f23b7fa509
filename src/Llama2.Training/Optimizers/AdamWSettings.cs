namespace Llama2.Training.Optimizers;

/// <summary>The constants of AdamW.</summary>
/// <param name="Beta1">How much of the first moment stays.</param>
/// <param name="Beta2">How much of the second moment stays.</param>
/// <param name="Epsilon">Added to the root of the second moment.</param>
/// <param name="WeightDecay">Part of a weight, times the learning rate, that is taken off.</param>
internal readonly record struct AdamWSettings(float Beta1, float Beta2, float Epsilon, float WeightDecay);
