using System.Diagnostics;
using System.Runtime.CompilerServices;
using Llama2.Kernels;
using Llama2.Memory;
using Llama2.Threading;
using Llama2.Training.Kernels;

namespace Llama2.Training.Tensors;

/// <summary>
/// Products of float32 matrices, blocked for the caches and packed for the kernel (Goto and van de Geijn 2008, "Anatomy of high-performance matrix
/// multiplication"). Each sum runs over its elements in one order, whatever the number of threads. One product at a time.
/// </summary>
internal sealed class MatrixMultiplier : IDisposable
{
    /// <summary>Floats of each thread's memory for packing.</summary>
    public const int ScratchLength = MaxChunkCount * PanelProduct.PanelWidth;

    // Elements whose tile (16 KiB) and panel (32 KiB) pass through the first-level cache together.
    private const int ElementBlock = 512;
    // A block of tiles (128 KiB) and one of panels (256 KiB) stay in the second-level cache.
    private const int TileBlock = 8;
    private const int PanelBlock = 8;
    // Vectors of the wide side that are packed at once: 16 MiB at most, or 256 vectors, and what a thread's scratch memory holds.
    private const int ChunkLength = 4 << 20;
    private const int MinChunkCount = 256;
    private const int MaxChunkCount = 4096;
    private readonly PanelProduct _product;
    private readonly AlignedBuffer<float> _scratch;
    private AlignedBuffer<float> _tiles = new(0);
    private AlignedBuffer<float> _panels = new(0);

    /// <param name="pool">The threads; their number must not change.</param>
    /// <param name="tier">The kernels.</param>
    public MatrixMultiplier(WorkerPool pool, KernelTier tier)
    {
        Pool = pool;
        _product = PanelProduct.Create(tier);
        _scratch = new((long)pool.ThreadCount * ScratchLength);
    }

    /// <summary>The threads.</summary>
    public WorkerPool Pool { get; }

    /// <summary>The kernel.</summary>
    public PanelProduct Product => _product;

    /// <summary>Bytes that a multiplier takes for products of at most these sizes.</summary>
    /// <param name="threadCount">Threads.</param>
    /// <param name="maxRowsLength">Most rows of an output, times the elements that each is a sum over.</param>
    /// <param name="maxLength">Most elements that a sum is over.</param>
    public static long ByteSizeFor(int threadCount, long maxRowsLength, long maxLength)
        => sizeof(float) * ((long)threadCount * ScratchLength + maxRowsLength + Math.Max(ChunkLength, MinChunkCount * maxLength));

    /// <summary>Computes <c>output[r, c] = Σ rows[r][i] · columns[c][i]</c>, or adds it.</summary>
    /// <param name="rows">Vectors that make the output's rows.</param>
    /// <param name="rowCount">How many of them.</param>
    /// <param name="columns">Vectors that make the output's columns.</param>
    /// <param name="length">Elements of a vector.</param>
    /// <param name="output">All its columns, and its first <paramref name="rowCount"/> rows, are written.</param>
    /// <param name="accumulate">Add to the output instead of replacing it.</param>
    public void Multiply(Factor rows, int rowCount, Factor columns, int length, Matrix output, bool accumulate = false)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(rowCount, output.RowCount);
        ArgumentOutOfRangeException.ThrowIfLessThan(length, 1);
        int paddedLength = Factor.PaddedLength(length), columnCount = output.ColumnCount;
        int chunkCount = Math.Clamp(ChunkLength / paddedLength / MinChunkCount * MinChunkCount, MinChunkCount, MaxChunkCount);
        int tileCount = Groups(rowCount, PanelProduct.TileWidth);
        Ensure(ref _tiles, (long)tileCount * PanelProduct.TileWidth * paddedLength);
        Ensure(ref _panels, (long)Groups(Math.Min(chunkCount, columnCount), PanelProduct.PanelWidth) * PanelProduct.PanelWidth * paddedLength);
        rows.Pack(Pool, 0, rowCount, PanelProduct.TileWidth, length, _tiles, _scratch);
        for (int start = 0; start < columnCount; start += chunkCount)
        {
            int count = Math.Min(chunkCount, columnCount - start), panelCount = Groups(count, PanelProduct.PanelWidth);
            columns.Pack(Pool, start, count, PanelProduct.PanelWidth, length, _panels, _scratch);
            Pool.Run(
                new MultiplyBlocks(this, rowCount, panelCount, paddedLength, output, start, accumulate),
                Groups(tileCount, TileBlock) * Groups(panelCount, PanelBlock));
        }
    }

    public void Dispose()
    {
        _tiles.Dispose();
        _panels.Dispose();
        _scratch.Dispose();
    }

    private static int Groups(int count, int width) => (count + width - 1) / width;

    private static void Ensure(ref AlignedBuffer<float> buffer, long length)
    {
        if (buffer.Length < length)
        {
            buffer.Dispose();
            buffer = new(length);
        }
    }

    // An item is a block of tiles times a block of panels: one rectangle of the output, which no other item touches.
    private readonly record struct MultiplyBlocks(
        MatrixMultiplier Multiplier, int RowCount, int PanelCount, int Length, Matrix Output, int FirstColumn, bool Accumulate) : IParallelWork
    {
        public void Run(int start, int end, int worker)
        {
            int tileBlockCount = Groups(Groups(RowCount, PanelProduct.TileWidth), TileBlock);
            for (int item = start; item < end; item++)
            {
                (int panelBlock, int tileBlock) = Math.DivRem(item, tileBlockCount);
                for (int element = 0; element < Length; element += ElementBlock)
                {
                    MultiplyBlock(tileBlock * TileBlock, panelBlock * PanelBlock, element, Math.Min(ElementBlock, Length - element));
                }
            }
        }

        private void MultiplyBlock(int firstTile, int firstPanel, int element, int length)
        {
            int lastTile = Math.Min(firstTile + TileBlock, Groups(RowCount, PanelProduct.TileWidth)), lastPanel = Math.Min(firstPanel + PanelBlock, PanelCount);
            bool accumulate = Accumulate || element > 0;
            Debug.Assert(FirstColumn + lastPanel * PanelProduct.PanelWidth <= Output.Stride);
            for (int tile = firstTile; tile < lastTile; tile++)
            {
                int row = tile * PanelProduct.TileWidth, count = Math.Min(PanelProduct.TileWidth, RowCount - row);
                ref float x = ref Unsafe.Add(ref Multiplier._tiles.Reference, ((nint)tile * Length + element) * PanelProduct.TileWidth);
                ref float y = ref Unsafe.Add(ref Output.Reference, (nint)row * Output.Stride + FirstColumn);
                for (int panel = firstPanel; panel < lastPanel; panel++)
                {
                    Multiplier._product.Multiply(
                        ref Unsafe.Add(ref Multiplier._panels.Reference, ((nint)panel * Length + element) * PanelProduct.PanelWidth),
                        ref x, length, count, ref Unsafe.Add(ref y, panel * PanelProduct.PanelWidth), Output.Stride, accumulate);
                }
            }
        }
    }
}
