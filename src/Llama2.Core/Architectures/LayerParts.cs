namespace Llama2.Architectures;

/// <summary>The parts of one transformer block: one object for each tensor that a layer of the architecture has. Immutable.</summary>
/// <typeparam name="TVector">The type of the part for a vector, such as an array of its numbers.</typeparam>
/// <typeparam name="TMatrix">The type of the part for a matrix.</typeparam>
internal sealed class LayerParts<TVector, TMatrix>
    where TVector : class
    where TMatrix : class
{
    private readonly OrderedDictionary<TensorRole, TVector> _vectors = [];
    private readonly OrderedDictionary<TensorRole, TMatrix> _matrices = [];

    /// <param name="tensors">The architecture's tensors.</param>
    /// <param name="makeVector">
    /// Creates the part for a vector. This function and <paramref name="makeMatrix"/> are called in the order of the architecture's tensors.
    /// </param>
    /// <param name="makeMatrix">Creates the part for a matrix.</param>
    public LayerParts(TensorRoles tensors, Func<TensorRole, TVector> makeVector, Func<TensorRole, TMatrix> makeMatrix)
    {
        foreach (TensorRole role in tensors.OfLayer)
        {
            if (role.IsVector)
            {
                _vectors.Add(role, makeVector(role));
            }
            else
            {
                _matrices.Add(role, makeMatrix(role));
            }
        }
    }

    /// <summary>The parts for vectors, in the order of the architecture's tensors.</summary>
    public IReadOnlyDictionary<TensorRole, TVector> Vectors => _vectors;

    /// <summary>The parts for matrices, in the order of the architecture's tensors.</summary>
    public IReadOnlyDictionary<TensorRole, TMatrix> Matrices => _matrices;
}
