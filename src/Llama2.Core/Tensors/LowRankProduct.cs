namespace Llama2.Tensors;

/// <summary>The change that an adapter adds to one product of a weight matrix.</summary>
/// <param name="Weights">The matrix that the adapter changes.</param>
/// <param name="Change">The change.</param>
/// <param name="Runs">The rows to which the change is added.</param>
/// <param name="Reduced">[rows, rank]: the products of the rows with the first factor of the change.</param>
internal readonly record struct LowRankProduct(WeightMatrix Weights, LowRankMatrix Change, List<AdaptedRun> Runs, Activations Reduced);
