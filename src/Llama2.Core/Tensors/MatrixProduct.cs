using Llama2.Threading;

namespace Llama2.Tensors;

/// <summary>Products of weight matrices with one input, done together: the input's form is made once and the threads meet once.</summary>
/// <param name="Weights">[rows, columns].</param>
/// <param name="Output">[tokens, rows].</param>
/// <param name="Accumulate">Add to the output instead of replacing it.</param>
internal readonly record struct MatrixProduct(WeightMatrix Weights, Activations Output, bool Accumulate = false)
{
    // A panel of few columns and tokens is done sooner than another thread wakes up: hand out at least this many products at a time.
    private const int MinimumChunkCost = 1 << 16;

    /// <summary>Computes one product.</summary>
    public static void Run(WorkerPool pool, Activations input, int tokenCount, MatrixProduct product)
        => Run(pool, input, tokenCount, product, default, default);

    /// <summary>Computes two products of the same input.</summary>
    public static void Run(WorkerPool pool, Activations input, int tokenCount, MatrixProduct first, MatrixProduct second)
        => Run(pool, input, tokenCount, first, second, default);

    /// <summary>Computes three products of the same input.</summary>
    /// <param name="pool">The threads.</param>
    /// <param name="input">[tokens, columns].</param>
    /// <param name="tokenCount">How many of the input's rows to multiply.</param>
    /// <param name="first">The first product.</param>
    /// <param name="second">The second, or default.</param>
    /// <param name="third">The third, or default.</param>
    public static void Run(WorkerPool pool, Activations input, int tokenCount, MatrixProduct first, MatrixProduct second, MatrixProduct third)
    {
        bool quantize = first.Reads(true) || second.Reads(true) || third.Reads(true);
        bool tile = first.Reads(false) || second.Reads(false) || third.Reads(false);
        bool split = first.Splits || second.Splits || third.Splits;
        pool.Run(new PrepareInput(input, quantize ? input.Quantized : null, split, tile ? input.Tiled : null), tokenCount);
        pool.Run(
            new MultiplyPanels(input, tokenCount, first, second, third),
            first.PanelCount + second.PanelCount + third.PanelCount,
            MinimumPanelCount(first.Weights.ColumnCount, tokenCount));
    }

    /// <summary>Panels that a thread takes at a time at least, 1 or more.</summary>
    internal static int MinimumPanelCount(int columnCount, int tokenCount)
        => (int)Math.Max(1, MinimumChunkCost / ((long)columnCount * WeightMatrix.PanelRowCount * tokenCount));

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

    private readonly record struct MultiplyPanels(Activations Input, int TokenCount, MatrixProduct First, MatrixProduct Second, MatrixProduct Third) : IParallelWork
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
                product.Weights.Multiply(first, last, Input, TokenCount, product.Output, product.Accumulate);
            }

            offset += product.PanelCount;
        }
    }
}
