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

    // Panels that are multiplied together are one item for the threads, if this leaves each thread enough items to divide the work evenly.
    private const int MinimumGroupsPerThread = 8;

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
        bool quantize = first.ReadsQuantized(false) || second.ReadsQuantized(false) || third.ReadsQuantized(false);
        bool quantizeByPowersOfTwo = first.ReadsQuantized(true) || second.ReadsQuantized(true) || third.ReadsQuantized(true);
        bool tile = adapts || first.ReadsTiled || second.ReadsTiled || third.ReadsTiled;
        bool split = first.Splits || second.Splits || third.Splits;
        var preparation = new PrepareInput(input, tokenCount, quantize ? input.Quantized : null, quantizeByPowersOfTwo ? input.QuantizedByPowersOfTwo : null, split, tile ? input.Tiled : null);
        pool.Run(preparation, preparation.ItemCount, preparation.MinimumItemCount);
        if (adapts)
        {
            adapted!.Reduce(pool, input);
        }

        int panelCount = first.PanelCount + second.PanelCount + third.PanelCount;
        int groupLength = first.Weights.PanelGroupLength(tokenCount);
        groupLength = panelCount < MinimumGroupsPerThread * groupLength * pool.ThreadCount ? 1 : groupLength;
        pool.Run(
            new MultiplyPanels(input, tokenCount, groupLength, adapts ? adapted : null, first, second, third),
            (panelCount + groupLength - 1) / groupLength,
            (MinimumPanelCount(first.Weights.ColumnCount, tokenCount) + groupLength - 1) / groupLength);
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

    private bool ReadsTiled => Weights is not null && !Weights.IsQuantized;

    private bool ReadsQuantized(bool byPowersOfTwo) => Weights is not null && Weights.IsQuantized && Weights.ReadsPowersOfTwo == byPowersOfTwo;

    // An item is a part of the columns of all tokens of a tile. The tokens of a tile share cache lines, so two threads that each prepared some tokens of a
    // tile would wait for each other with each store: with 8 sessions, that took 10 % of the time of a pass.
    private readonly record struct PrepareInput(
        Activations Input, int TokenCount, Kernels.QuantizedActivations? Quantized, Kernels.QuantizedActivations? QuantizedByPowersOfTwo, bool Split, Kernels.TiledActivations? Tiled) : IParallelWork
    {
        private const int PartLength = 256;

        // A thread prepares at least this many numbers at a time, which takes about 2 µs.
        private const int MinimumChunkLength = 4096;

        public int ItemCount => TileCount * PartCount;

        public int MinimumItemCount => Math.Max(1, MinimumChunkLength / (PartLength * Math.Min(TokenCount, Kernels.ActivationTile.Width)));

        private int TileCount => (TokenCount + Kernels.ActivationTile.Width - 1) / Kernels.ActivationTile.Width;

        private int PartCount => (Input.Width + PartLength - 1) / PartLength;

        public void Run(int start, int end, int worker)
        {
            for (int item = start; item < end; item++)
            {
                (int tile, int part) = Math.DivRem(item, PartCount);
                Prepare(tile * Kernels.ActivationTile.Width, part * PartLength);
            }
        }

        private void Prepare(int firstToken, int firstColumn)
        {
            int endToken = Math.Min(firstToken + Kernels.ActivationTile.Width, TokenCount), columnCount = Math.Min(PartLength, Input.Width - firstColumn);
            for (int token = firstToken; token < endToken; token++)
            {
                ReadOnlySpan<float> activations = Input[token].Slice(firstColumn, columnCount);
                Quantized?.Set(token, firstColumn, activations, Split);
                QuantizedByPowersOfTwo?.Set(token, firstColumn, activations, Split);
                Tiled?.Set(token, firstColumn, activations);
            }
        }
    }

    private readonly record struct MultiplyPanels(
        Activations Input, int TokenCount, int GroupLength, AdaptedRows? Adapted, MatrixProduct First, MatrixProduct Second, MatrixProduct Third) : IParallelWork
    {
        public void Run(int start, int end, int worker)
        {
            int offset = 0;
            (start, end) = (start * GroupLength, end * GroupLength);
            RunOne(First, start, end, ref offset);
            RunOne(Second, start, end, ref offset);
            RunOne(Third, start, end, ref offset);
        }

        private void RunOne(in MatrixProduct product, int start, int end, ref int offset)
        {
            int first = Math.Max(0, start - offset), last = Math.Min(product.PanelCount, end - offset);
            if (first < last)
            {
                if (product.Accumulate)
                {
                    Adapted?.KeepOutput(product.Weights, first, last, product.Output);
                }

                product.Weights.Multiply(first, last, Input, 0, TokenCount, product.Output, product.Accumulate);
                Adapted?.Expand(product.Weights, first, last, product.Output, product.Accumulate);
            }

            offset += product.PanelCount;
        }
    }
}
