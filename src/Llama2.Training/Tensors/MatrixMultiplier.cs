using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Llama2.Memory;
using Llama2.Threading;
using Llama2.Training.Kernels;

namespace Llama2.Training.Tensors;

/// <summary>
/// Multiplies float32 matrices. The work is divided into blocks that fit in the caches, and the factors are packed for the kernel (Goto and van de
/// Geijn 2008, "Anatomy of high-performance matrix multiplication"). With any number of threads, each sum adds its elements in the same order. Only
/// one product may be computed at a time.
/// </summary>
internal sealed class MatrixMultiplier : IDisposable
{
    /// <summary>
    /// The number of elements of a sum that are processed at a time. Two panels with this number of elements (32 KiB) stay in the first-level cache
    /// while they are multiplied with tiles.
    /// </summary>
    public const int ElementBlock = 256;

    /// <summary>
    /// The maximum number of vectors that a thread packs into panels at a time. These vectors take 256 KiB of the thread's second-level cache.
    /// </summary>
    public const int PanelBlock = 256;

    /// <summary>The size of a thread's buffer for decoding frozen columns, in floats.</summary>
    public const int DecodeLength = PanelBlock * PanelProduct.PanelWidth;

    /// <summary>The size of each thread's buffer for packing, in floats.</summary>
    public const int ScratchLength = DecodeLength + PanelBlock * ElementBlock;

    // The number of vectors that are packed into tiles and multiplied with panels at a time. Their tiles (256 KiB) stay in the second-level cache.
    private const int TileBlock = 256;
    // An output is narrow if the ratio of its rows to its columns is at least this number. Then there are few columns, so it is less work to pack the
    // columns once for all threads than to pack the rows.
    private const int NarrowRatio = 4;
    // If the output is narrow, a thread packs tiles for at most this number of rows at a time. These tiles take 64 KiB.
    private const int NarrowTileBlock = 64;
    // The number of floats (8 MiB) that are packed for all threads at a time, so that packed data is read from the caches. At least 256 elements of
    // each vector are packed, even if this means more floats.
    private const int PackedLength = 2 << 20;
    // The number of work items per thread. With fewer items, threads would not finish at about the same time; with more, the items would share less
    // packed data.
    private const int ItemsPerThread = 3;
    private readonly PanelProduct _product;
    private readonly AlignedBuffer<float> _scratch;
    private readonly PackedFactor _tiles = new(PanelProduct.TileWidth), _panels = new(PanelProduct.PanelWidth);

    /// <param name="pool">The threads. Their number must not change.</param>
    /// <param name="tier">The tier of the kernels.</param>
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

    /// <summary>Whether the columns of a product are packed for all threads, not its rows.</summary>
    public static bool IsNarrow(long rowCount, long columnCount) => columnCount * NarrowRatio <= rowCount;

    /// <summary>The number of elements of each vector that are packed at a time for all threads.</summary>
    /// <param name="packedCount">The number of vectors.</param>
    public static int PartLength(long packedCount) => (int)Math.Max(1, PackedLength / packedCount / ElementBlock) * ElementBlock;

    /// <summary>The number of groups of <paramref name="width"/> vectors that are needed for <paramref name="count"/> vectors.</summary>
    public static int Groups(int count, int width) => (count + width - 1) / width;

    /// <summary>Computes <c>Σ rows[r][i] · columns[c][i]</c>, and writes it to <c>output[r, c]</c> or adds it.</summary>
    /// <param name="rows">The vectors of the output's rows.</param>
    /// <param name="rowCount">The number of these vectors.</param>
    /// <param name="columns">The vectors of the output's columns.</param>
    /// <param name="length">The number of elements of a vector.</param>
    /// <param name="output">The output, in which all columns of the first <paramref name="rowCount"/> rows are written.</param>
    /// <param name="accumulate">Whether to add to the output instead of replacing it.</param>
    public void Multiply(Factor rows, int rowCount, Factor columns, int length, Matrix output, bool accumulate = false)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(rowCount, output.RowCount);
        ArgumentOutOfRangeException.ThrowIfLessThan(length, 1);
        bool isNarrow = IsNarrow(rowCount, output.ColumnCount);
        int partLength = PartLength(Align(isNarrow ? output.ColumnCount : rowCount, PanelProduct.PanelWidth));
        for (int element = 0; element < length; element += partLength)
        {
            var part = new Part(rows, rowCount, columns, element, Math.Min(partLength, length - element), output, accumulate || element > 0);
            if (isNarrow)
            {
                MultiplyNarrow(part);
            }
            else
            {
                MultiplyWide(part);
            }
        }
    }

    public void Dispose()
    {
        _tiles.Dispose();
        _panels.Dispose();
        _scratch.Dispose();
    }

    private static int Align(int count, int width) => Groups(count, width) * width;

    private int ItemCount => Pool.ThreadCount == 1 ? 1 : ItemsPerThread * Pool.ThreadCount;

    private void MultiplyNarrow(in Part part)
    {
        _panels.Pack(Pool, part.Columns, part.Output.ColumnCount, part.FirstElement, part.Length, _scratch);
        int blockCount = Math.Clamp(Align(part.RowCount / ItemCount, PanelProduct.TileWidth), PanelProduct.TileWidth, NarrowTileBlock);
        Pool.Run(new NarrowItems(this, part, blockCount), Groups(part.RowCount, blockCount));
    }

    private void MultiplyWide(in Part part)
    {
        _tiles.Pack(Pool, part.Rows, part.RowCount, part.FirstElement, part.Length, _scratch);
        int columnCount = part.Output.ColumnCount, alignment = Math.Max(2 * PanelProduct.PanelWidth, part.Columns.Alignment);
        int blockCount = Math.Clamp(Align(columnCount / ItemCount, alignment), alignment, PanelBlock), blocks = Groups(columnCount, blockCount);
        // If there are fewer blocks of columns than threads, several threads share a block, and each of them packs the block itself.
        int rowBlockCount = Align(Groups(part.RowCount, Groups(ItemCount, blocks)), PanelProduct.TileWidth * PanelProduct.TileWidth);
        Pool.Run(new WideItems(this, part, blockCount, rowBlockCount), blocks * Groups(part.RowCount, rowBlockCount));
    }

    private Span<float> Scratch(int worker, out Span<float> decoded)
    {
        decoded = _scratch.Slice((long)worker * ScratchLength, DecodeLength);
        return _scratch.Slice((long)worker * ScratchLength + DecodeLength, ScratchLength - DecodeLength);
    }

    // Multiplies tiles with panels; the panels are consecutive in memory. A pair of panels stays in the first-level cache while it is multiplied with
    // all tiles.
    private void MultiplyBlock(ref float tiles, int firstRow, int rowCount, ref float panels, int firstColumn, int columnCount, int length, Matrix output, bool accumulate)
    {
        Debug.Assert(Align(firstColumn + columnCount, PanelProduct.PanelWidth) <= output.Stride && firstRow + rowCount <= output.RowCount);
        nint panelLength = (nint)length * PanelProduct.PanelWidth, tileLength = (nint)length * PanelProduct.TileWidth;
        for (int column = 0; column < columnCount; column += 2 * PanelProduct.PanelWidth)
        {
            int panelCount = Math.Min(2, Groups(columnCount - column, PanelProduct.PanelWidth));
            ref float panel = ref Unsafe.Add(ref panels, column / PanelProduct.PanelWidth * panelLength);
            ref float destination = ref Unsafe.Add(ref output.Reference, (nint)firstRow * output.Stride + firstColumn + column);
            for (int row = 0; row < rowCount; row += PanelProduct.TileWidth)
            {
                _product.Multiply(
                    ref panel, panelLength, panelCount, ref Unsafe.Add(ref tiles, row / PanelProduct.TileWidth * tileLength), length, Math.Min(PanelProduct.TileWidth, rowCount - row),
                    ref Unsafe.Add(ref destination, (nint)row * output.Stride), output.Stride, accumulate);
            }
        }
    }

    // A product, and the part of its vectors' elements that is being processed.
    private readonly record struct Part(Factor Rows, int RowCount, Factor Columns, int FirstElement, int Length, Matrix Output, bool Accumulate);

    // A work item packs a block of columns, and multiplies it with a block of rows that are already packed. It computes a rectangle of the output
    // that no other item writes.
    private readonly record struct WideItems(MatrixMultiplier Multiplier, Part Part, int ColumnBlockCount, int RowBlockCount) : IParallelWork
    {
        public void Run(int start, int end, int worker)
        {
            int rowBlocks = Groups(Part.RowCount, RowBlockCount);
            Span<float> panels = Multiplier.Scratch(worker, out Span<float> decoded);
            for (int item = start; item < end; item++)
            {
                (int columnBlock, int rowBlock) = Math.DivRem(item, rowBlocks);
                int column = columnBlock * ColumnBlockCount, columnCount = Math.Min(ColumnBlockCount, Part.Output.ColumnCount - column);
                int row = rowBlock * RowBlockCount, rowEnd = Math.Min(Part.RowCount, row + RowBlockCount);
                for (int element = 0; element < Part.Length; element += ElementBlock)
                {
                    int length = Math.Min(ElementBlock, Part.Length - element), paddedLength = Factor.PaddedLength(length);
                    Part.Columns.Pack(column, columnCount, PanelProduct.PanelWidth, Part.FirstElement + element, length, panels, decoded);
                    for (int first = row; first < rowEnd; first += TileBlock)
                    {
                        Multiplier.MultiplyBlock(
                            ref Multiplier._tiles.Group(first / PanelProduct.TileWidth, element, paddedLength), first, Math.Min(TileBlock, rowEnd - first),
                            ref MemoryMarshal.GetReference(panels), column, columnCount, paddedLength, Part.Output, Part.Accumulate || element > 0);
                    }
                }
            }
        }
    }

    // A work item packs a block of rows, and multiplies it with all columns, which are already packed.
    private readonly record struct NarrowItems(MatrixMultiplier Multiplier, Part Part, int RowBlockCount) : IParallelWork
    {
        public void Run(int start, int end, int worker)
        {
            Span<float> tiles = Multiplier.Scratch(worker, out Span<float> decoded);
            for (int item = start; item < end; item++)
            {
                int row = item * RowBlockCount, rowCount = Math.Min(RowBlockCount, Part.RowCount - row);
                for (int element = 0; element < Part.Length; element += ElementBlock)
                {
                    int length = Math.Min(ElementBlock, Part.Length - element), paddedLength = Factor.PaddedLength(length);
                    Part.Rows.Pack(row, rowCount, PanelProduct.TileWidth, Part.FirstElement + element, length, tiles, decoded);
                    Multiplier.MultiplyBlock(
                        ref MemoryMarshal.GetReference(tiles), row, rowCount, ref Multiplier._panels.Group(0, element, paddedLength), 0, Part.Output.ColumnCount,
                        paddedLength, Part.Output, Part.Accumulate || element > 0);
                }
            }
        }
    }
}
