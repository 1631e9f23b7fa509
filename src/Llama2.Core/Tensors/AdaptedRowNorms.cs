using System.Buffers;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using Llama2.Threading;

namespace Llama2.Tensors;

/// <summary>
/// The Euclidean norms of the rows of W + f · B · A, for any factor f. DoRA (Liu et al. 2024, arXiv 2402.09353) divides by them. W may have any format. Its
/// panels are decoded, the same columns of B · A are computed with them, and only three sums of a row are kept: with δ, the row of B · A,
/// <c>‖w + f · δ‖² = ‖w‖² + 2f · (w·δ) + f² · ‖δ‖²</c>.
/// </summary>
/// <param name="rowCount">The number of rows of W.</param>
internal sealed class AdaptedRowNorms(int rowCount)
{
    // Sums of this number of elements are added in float32, and the sums of the blocks in float64. Every format has whole blocks of this length.
    private const int BlockLength = 256;
    private const int Width = WeightMatrix.PanelRowCount;

    private readonly Sums[] _sums = new Sums[rowCount];

    /// <summary>The size of the sums in bytes.</summary>
    public long ByteSize => (long)rowCount * Unsafe.SizeOf<Sums>();

    /// <summary>The norm of a row.</summary>
    /// <param name="row">The index of the row.</param>
    /// <param name="factor">The factor by which B · A is multiplied.</param>
    public double this[int row, double factor]
    {
        get
        {
            Sums sums = _sums[row];
            return Math.Sqrt(Math.Max(0, sums.Weights + factor * (2 * sums.Products + factor * sums.Changes)));
        }
    }

    /// <summary>Computes the sums. Their bits do not depend on the threads or on the processor.</summary>
    /// <param name="pool">The threads.</param>
    /// <param name="weights">W, [rows, columns].</param>
    /// <param name="a">[rank, columns]</param>
    /// <param name="b">[rows, rank]</param>
    /// <param name="rank">The number of rows of A and of columns of B.</param>
    public void Compute(WorkerPool pool, WeightMatrix weights, Activations a, Activations b, int rank)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(weights.RowCount, rowCount);
        ArgumentOutOfRangeException.ThrowIfNotEqual(a.Width, weights.ColumnCount);
        ArgumentOutOfRangeException.ThrowIfNotEqual(b.Width, rank);
        float[] columns = ArrayPool<float>.Shared.Rent(rank * weights.ColumnCount);
        for (int i = 0; i < rank; i++)
        {
            ReadOnlySpan<float> row = a[i];
            for (int column = 0; column < row.Length; column++)
            {
                columns[column * rank + i] = row[column];
            }
        }

        pool.Run(new ComputePanels(_sums, weights, columns, b, rank), weights.PanelCount);
        ArrayPool<float>.Shared.Return(columns);
    }

    private record struct Sums(double Weights, double Products, double Changes);

    // A holds the columns of A one after the other.
    private readonly record struct ComputePanels(Sums[] Sums, WeightMatrix Weights, float[] A, Activations B, int Rank) : IParallelWork
    {
        public void Run(int start, int end, int worker)
        {
            Span<float> decoded = stackalloc float[BlockLength * Width];
            float[] factors = ArrayPool<float>.Shared.Rent(Rank * Width);
            for (int panel = start; panel < end; panel++)
            {
                int first = panel * Width, count = Math.Min(Width, Weights.RowCount - first);
                Transpose(first, count, factors);
                Span<Sums> sums = Sums.AsSpan(first, count);
                sums.Clear();
                for (int column = 0; column < Weights.ColumnCount; column += BlockLength)
                {
                    int length = Math.Min(BlockLength, Weights.ColumnCount - column);
                    Weights.Decode(panel, column, length, decoded);
                    Add(decoded[..(length * Width)], A.AsSpan(column * Rank, length * Rank), factors.AsSpan(0, Rank * Width), sums);
                }
            }

            ArrayPool<float>.Shared.Return(factors);
        }

        // The columns of the panel's rows of B, one after the other; missing rows are 0.
        private void Transpose(int first, int count, Span<float> factors)
        {
            factors.Clear();
            for (int row = 0; row < count; row++)
            {
                ReadOnlySpan<float> values = B[first + row];
                for (int i = 0; i < Rank; i++)
                {
                    factors[i * Width + row] = values[i];
                }
            }
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private void Add(ReadOnlySpan<float> decoded, ReadOnlySpan<float> columns, ReadOnlySpan<float> factors, Span<Sums> sums)
        {
            ref float weights = ref MemoryMarshal.GetReference(decoded), factor = ref MemoryMarshal.GetReference(factors);
            Vector512<float> squares = Vector512<float>.Zero, products = squares, changes = squares;
            for (int column = 0; column < decoded.Length / Width; column++)
            {
                Vector512<float> weight = Vector512.LoadUnsafe(ref weights, (nuint)(column * Width));
                Vector512<float> change = Multiply(ref Unsafe.Add(ref MemoryMarshal.GetReference(columns), column * Rank), ref factor);
                squares += weight * weight;
                products += weight * change;
                changes += change * change;
            }

            for (int row = 0; row < sums.Length; row++)
            {
                sums[row] = new Sums(sums[row].Weights + squares[row], sums[row].Products + products[row], sums[row].Changes + changes[row]);
            }
        }

        // A column of B · A for the rows of the panel. Products are rounded before they are added, because not every processor has a fused multiply-add.
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private Vector512<float> Multiply(ref float column, ref float factors)
        {
            Vector512<float> even = Vector512<float>.Zero, odd = even;
            int i = 0;
            for (; i + 1 < Rank; i += 2)
            {
                even += Vector512.Create(Unsafe.Add(ref column, i)) * Vector512.LoadUnsafe(ref factors, (nuint)(i * Width));
                odd += Vector512.Create(Unsafe.Add(ref column, i + 1)) * Vector512.LoadUnsafe(ref factors, (nuint)((i + 1) * Width));
            }

            return i < Rank ? even + odd + Vector512.Create(Unsafe.Add(ref column, i)) * Vector512.LoadUnsafe(ref factors, (nuint)(i * Width)) : even + odd;
        }
    }
}
