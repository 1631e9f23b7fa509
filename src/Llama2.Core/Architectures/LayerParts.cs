namespace Llama2.Architectures;

/// <summary>The parts of a transformer block, one for each tensor that the architecture's layers have. Immutable.</summary>
/// <typeparam name="TVector">The representation of a vector, such as its numbers.</typeparam>
/// <typeparam name="TMatrix">The representation of a matrix.</typeparam>
internal sealed class LayerParts<TVector, TMatrix>
    where TVector : class
    where TMatrix : class
{
    private readonly OrderedDictionary<TensorRole, TVector> _vectors = [];
    private readonly OrderedDictionary<TensorRole, TMatrix> _matrices = [];

    /// <param name="tensors">The architecture's tensors.</param>
    /// <param name="makeVector">Makes the part of a vector; called in the order of the table, as <paramref name="makeMatrix"/> is.</param>
    /// <param name="makeMatrix">Makes the part of a matrix.</param>
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

    /// <summary>Those of vectors, in the order of the table.</summary>
    public IReadOnlyDictionary<TensorRole, TVector> Vectors => _vectors;

    /// <summary>Those of matrices, in the order of the table.</summary>
    public IReadOnlyDictionary<TensorRole, TMatrix> Matrices => _matrices;
}
