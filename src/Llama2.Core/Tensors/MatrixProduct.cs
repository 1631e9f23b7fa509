using Llama2.Threading;

namespace Llama2.Tensors;

/// <summary>
/// Products of several weight matrices with the same input, computed together: the input is converted once, and the threads synchronise once.
/// </summary>
/// <param name="Weights">The weights, [rows, columns].</param>
/// <param name="Output">Receives the product, [tokens, rows].</param>
/// <param name="Accumulate">Whether to add to the output instead of replacing it.</param>
internal readonly record struct MatrixProduct(WeightMatrix Weights, Activations Output, bool Accumulate = false)
{
    // A panel of few columns and tokens is finished before another thread wakes up, so a thread gets at least this many multiplications at a time.
    private const int MinimumChunkCost = 1 << 16;

    /// <summary>Computes one to three products of the same input.</summary>
    /// <param name="pool">The threads that compute.</param>
    /// <param name="input">The input, [tokens, columns].</param>
    /// <param name="tokenCount">The number of rows of the input to multiply.</param>
    /// <param name="first">The first product.</param>
    /// <param name="second">The second product; default for none.</param>
    /// <param name="third">The third product; default for none.</param>
    /// <param name="adapted">The rows to which adapters apply; null for none.</param>
    public static void Run(
        WorkerPool pool, Activations input, int tokenCount, MatrixProduct first, MatrixProduct second = default, MatrixProduct third = default, AdaptedRows? adapted = null)
    {
        bool adapts = adapted is not null && FindChanges(adapted, first, second, third);
        bool quantize = first.Reads(true) || second.Reads(true) || third.Reads(true);
        bool tile = adapts || first.Reads(false) || second.Reads(false) || third.Reads(false);
        bool split = first.Splits || second.Splits || third.Splits;
        pool.Run(new PrepareInput(input, quantize ? input.Quantized : null, split, tile ? input.Tiled : null), tokenCount);
        if (adapts)
        {
            adapted!.Reduce(pool, input);
        }

        pool.Run(
            new MultiplyPanels(input, tokenCount, adapts ? adapted : null, first, second, third),
            first.PanelCount + second.PanelCount + third.PanelCount,
            MinimumPanelCount(first.Weights.ColumnCount, tokenCount));
    }

    /// <summary>The minimum number of panels that a thread takes at a time, 1 or more.</summary>
    internal static int MinimumPanelCount(int columnCount, int tokenCount)
        => (int)Math.Max(1, MinimumChunkCost / ((long)columnCount * WeightMatrix.PanelRowCount * tokenCount));

    private static bool FindChanges(AdaptedRows adapted, in MatrixProduct first, in MatrixProduct second, in MatrixProduct third)
    {
        adapted.BeginProducts();
        foreach (MatrixProduct product in (ReadOnlySpan<MatrixProduct>)[first, second, third])
        {
            if (product.Weights is not null)
            {
                adapted.Find(product.Weights);
            }
        }

        return adapted.HasProducts;
    }

    private int PanelCount => Weights is null ? 0 : Weights.PanelCount;

    private bool Splits => Weights is not null && Weights.SplitsActivations;

    private bool Reads(bool quantized) => Weights is not null && Weights.IsQuantized == quantized;

    private readonly record struct PrepareInput(Activations Input, Kernels.QuantizedActivations? Quantized, bool Split, Kernels.TiledActivations? Tiled) : IParallelWork
    {
        public void Run(int start, int end, int worker)
        {
            for (int token = start; token < end; token++)
            {
                Quantized?.Set(token, Input[token], Split);
                Tiled?.Set(token, Input[token]);
            }
        }
    }

    private readonly record struct MultiplyPanels(
        Activations Input, int TokenCount, AdaptedRows? Adapted, MatrixProduct First, MatrixProduct Second, MatrixProduct Third) : IParallelWork
    {
        public void Run(int start, int end, int worker)
        {
            int offset = 0;
            RunOne(First, start, end, ref offset);
            RunOne(Second, start, end, ref offset);
            RunOne(Third, start, end, ref offset);
        }

        private void RunOne(in MatrixProduct product, int start, int end, ref int offset)
        {
            int first = Math.Max(0, start - offset), last = Math.Min(product.PanelCount, end - offset);
            if (first < last)
            {
                product.Weights.Multiply(first, last, Input, 0, TokenCount, product.Output, product.Accumulate);
                Adapted?.Expand(product.Weights, first, last, product.Output);
            }

            offset += product.PanelCount;
        }
    }
}
