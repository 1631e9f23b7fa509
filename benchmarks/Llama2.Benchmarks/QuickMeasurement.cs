using System.Globalization;
using Llama2.Quantization;
using Llama2.Tensors;
using Llama2.Threading;

namespace Llama2.Benchmarks;

/// <summary>
/// Measures the matrix kernel of each format, in three figures: the bytes of a file that one thread repacks per second; the multiply-adds per second
/// for many tokens at once; and, for one token and matrices that do not fit in the caches, the bytes of weights per second. Each line takes two
/// seconds, so the measurement can be run between two edits.
/// </summary>
internal static class QuickMeasurement
{
    private const int TokenCount = 256;

    /// <summary>Prints a line for each format, tier and number of threads.</summary>
    /// <param name="arguments">The formats and the tiers to measure; all formats if none is named, and likewise all tiers.</param>
    public static void Run(IReadOnlyList<string> arguments)
    {
        KernelTier[] tiers = [.. Enum.GetValues<KernelTier>().Where(tier => arguments.Contains(tier.ToString()))];
        GgmlType[] types = [.. arguments.Where(name => !Enum.IsDefined(typeof(KernelTier), name)).Select(Enum.Parse<GgmlType>)];
        tiers = tiers.Length == 0 ? [.. LlamaHardware.SupportedKernelTiers] : tiers;
        types = types.Length == 0 ? [.. WeightFormats.Supported] : types;
        Console.WriteLine($".NET {Environment.Version}; {RandomMatrix.RowCount} × {RandomMatrix.ColumnCount} weights; {TokenCount} tokens, then 1 token over matrices of 400 MB together");
        PrintLimits();
        foreach (GgmlType type in types)
        {
            if (tiers.Contains(KernelTier.Portable))
            {
                MeasureNaively(type);
            }

            foreach (KernelTier tier in tiers)
            {
                Measure(type, tier);
            }
        }
    }

    // What the processor does at most: products of bytes with all operands in registers, and bytes read from memory.
    private static void PrintLimits()
    {
        foreach (int threads in new[] { 1, 2 })
        {
            using var pool = new WorkerPool(threads);
            string peak = ByteProductPeak.IsSupported ? string.Create(CultureInfo.InvariantCulture, $"vpdpbusd at most {ByteProductPeak.Measure(pool),6:F1} GMAC/s, ") : "";
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{threads} thread(s): {peak}memory {MemoryBandwidth.MeasureRead(threads) / 1e9,6:F1} GB/s"));
        }
    }

    // The baseline for the portable tier: it widens the weights to floats and computes one multiply-add after the other.
    private static void MeasureNaively(GgmlType type)
    {
        byte[] rows = RandomMatrix.Panel(type, 1);
        float[] weights = new float[RandomMatrix.ColumnCount], activations = RandomMatrix.Values(RandomMatrix.ColumnCount), products = new float[WeightMatrix.PanelRowCount];
        double seconds = Stopwatches.Best(() =>
        {
            for (int row = 0; row < products.Length; row++)
            {
                int byteSize = rows.Length / products.Length;
                WeightFormats.Dequantize(type, rows.AsSpan(row * byteSize, byteSize), weights);
                float sum = 0;
                for (int i = 0; i < weights.Length; i++)
                {
                    sum += weights[i] * activations[i];
                }

                products[row] = sum;
            }
        });
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{type,-7} naive      1 thread(s): {(double)products.Length * weights.Length / seconds / 1e9,6:F1} GMAC/s"));
    }

    private static void Measure(GgmlType type, KernelTier tier)
    {
        using WeightMatrix first = RandomMatrix.Create(type, tier, 1);
        int copies = tier == KernelTier.Portable ? 1 : (int)(400_000_000 / first.ByteSize);
        WeightMatrix[] matrices = [first, .. Enumerable.Range(2, copies - 1).Select(seed => RandomMatrix.Create(type, tier, seed))];
        using var input = new Activations(TokenCount, RandomMatrix.ColumnCount);
        using var output = new Activations(TokenCount, RandomMatrix.RowCount);
        RandomMatrix.Fill(input, TokenCount);
        byte[] rows = RandomMatrix.Panel(type, 1);
        double fillSeconds = Stopwatches.Best(() => RandomMatrix.Fill(first, rows)) / first.PanelCount;
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{type,-7} {tier,-10} repacks {rows.Length / fillSeconds / 1e9:F2} GB/s"));
        foreach (int threads in new[] { 1, 2 })
        {
            using var pool = new WorkerPool(threads);
            int many = tier == KernelTier.Portable ? 16 : TokenCount;
            double manySeconds = Stopwatches.Best(() => MatrixProduct.Run(pool, input, many, new(first, output)));
            double oneSeconds = Stopwatches.Best(() =>
            {
                foreach (WeightMatrix matrix in matrices)
                {
                    MatrixProduct.Run(pool, input, 1, new(matrix, output));
                }
            });
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{type,-7} {tier,-10} {threads} thread(s): {(double)many * RandomMatrix.RowCount * RandomMatrix.ColumnCount / manySeconds / 1e9,6:F1} GMAC/s, {matrices.Sum(m => m.ByteSize) / oneSeconds / 1e9,6:F1} GB/s of weights"));
        }

        foreach (WeightMatrix matrix in matrices)
        {
            matrix.Dispose();
        }
    }
}
