using System.Numerics.Tensors;

namespace Llama2.Adapters;

/// <summary>
/// Orthonormal directions that span the rows of A in a change of low rank B · A: the inputs to which the change responds. Immutable and thread-safe.
/// </summary>
internal sealed class AdapterDirections
{
    /// <summary>The maximum number of directions. The time for rounding a row is proportional to the number.</summary>
    public const int MaxCount = 64;

    // A vector whose remainder is smaller than this fraction of its length is a combination of the vectors before it.
    private const double SmallestRemainder = 1e-4;

    private readonly float[] _components;

    private AdapterDirections(float[] components, float[] squares, int count)
    {
        _components = components;
        Squares = squares;
        Count = count;
    }

    /// <summary>The number of directions.</summary>
    public int Count { get; }

    /// <summary>For each column, the sum of the squares of its components.</summary>
    public ReadOnlyMemory<float> Squares { get; }

    /// <summary>The components of all directions in one column.</summary>
    public ReadOnlySpan<float> Of(int column) => _components.AsSpan(column * Count, Count);

    /// <summary>Makes vectors orthonormal, by the modified method of Gram and Schmidt.</summary>
    /// <param name="vectors">The vectors, all of one length; those after the first <see cref="MaxCount"/> independent ones are ignored.</param>
    /// <param name="length">The length of the vectors.</param>
    public static AdapterDirections Of(IEnumerable<ReadOnlyMemory<float>> vectors, int length)
    {
        var directions = new List<double[]>();
        foreach (ReadOnlyMemory<float> vector in vectors)
        {
            if (directions.Count == Math.Min(MaxCount, length))
            {
                break;
            }

            double[] rest = new double[length];
            TensorPrimitives.ConvertTruncating<float, double>(vector.Span, rest);
            double norm = TensorPrimitives.Norm<double>(rest);
            foreach (double[] direction in directions)
            {
                TensorPrimitives.MultiplyAdd<double>(direction, -TensorPrimitives.Dot<double>(direction, rest), rest, rest);
            }

            double remainder = TensorPrimitives.Norm<double>(rest);
            if (norm > 0 && remainder > SmallestRemainder * norm)
            {
                TensorPrimitives.Divide<double>(rest, remainder, rest);
                directions.Add(rest);
            }
        }

        float[] components = new float[length * directions.Count], squares = new float[length];
        for (int column = 0; column < length; column++)
        {
            for (int i = 0; i < directions.Count; i++)
            {
                components[column * directions.Count + i] = (float)directions[i][column];
                squares[column] += (float)(directions[i][column] * directions[i][column]);
            }
        }

        return new AdapterDirections(components, squares, directions.Count);
    }
}
