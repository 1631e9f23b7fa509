namespace Llama2.Tensors;

/// <summary>What an adapter adds to one product of a weight matrix.</summary>
/// <param name="Weights">The matrix that it changes.</param>
/// <param name="Change">The change.</param>
/// <param name="Runs">The rows that it is added to.</param>
/// <param name="Reduced">[rows, rank]: the rows after the change's first factor.</param>
internal readonly record struct LowRankProduct(WeightMatrix Weights, LowRankMatrix Change, List<AdaptedRun> Runs, Activations Reduced);
