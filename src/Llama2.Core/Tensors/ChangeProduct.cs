namespace Llama2.Tensors;

/// <summary>The change that an adapter adds to one product of a weight matrix.</summary>
/// <param name="Weights">The matrix that the adapter changes.</param>
/// <param name="Change">The change.</param>
/// <param name="Runs">The rows to which the change is added.</param>
/// <param name="Reduced">[rows, inner length]: the rows in the intermediate form of the change.</param>
internal readonly record struct ChangeProduct(WeightMatrix Weights, MatrixChange Change, List<AdaptedRun> Runs, Activations Reduced);
