using System.Diagnostics;
using System.Globalization;
using Llama2.Kernels;
using Llama2.Quantization;
using Llama2.Tensors;
using Llama2.Threading;

namespace Llama2.Benchmarks;

/// <summary>
/// Measures the matrix kernel of each format: multiply-adds a second for many tokens at once, and bytes of weights a second for one token,
/// on a matrix that does not fit in the caches. <c>dotnet run -c Release --project benchmarks/Llama2.Benchmarks [format …]</c>
/// </summary>
internal static class Program
{
    private const int RowCount = 5632;
    private const int ColumnCount = 2048;
    private const int TokenCount = 256;

    private static void Main(string[] arguments)
    {
        IEnumerable<GgmlType> types = arguments.Length == 0 ? WeightFormats.Supported : arguments.Select(Enum.Parse<GgmlType>);
        Console.WriteLine($"{RowCount} × {ColumnCount} weights; {TokenCount} tokens, then 1 token over matrices of 400 MB together");
        foreach (GgmlType type in types)
        {
            foreach (KernelTier tier in Enum.GetValues<KernelTier>().Where(WeightMatrixFactory.IsSupported))
            {
                Measure(type, tier);
            }
        }
    }

    private static void Measure(GgmlType type, KernelTier tier)
    {
        using WeightMatrix first = Create(type, tier, 1);
        int copies = tier == KernelTier.Portable ? 1 : (int)(400_000_000 / first.ByteSize);
        WeightMatrix[] matrices = [first, .. Enumerable.Range(2, copies - 1).Select(seed => Create(type, tier, seed))];
        using var input = new Activations(TokenCount, ColumnCount);
        using var output = new Activations(TokenCount, RowCount);
        var random = new Random(1);
        for (int token = 0; token < TokenCount; token++)
        {
            foreach (ref float value in input[token])
            {
                value = random.NextSingle() - 0.5f;
            }
        }

        foreach (int threads in new[] { 1, 2 })
        {
            using var pool = new WorkerPool(threads);
            int many = tier == KernelTier.Portable ? 16 : TokenCount;
            double manySeconds = Best(() => MatrixProduct.Run(pool, input, many, new(first, output)));
            double oneSeconds = Best(() =>
            {
                foreach (WeightMatrix matrix in matrices)
                {
                    MatrixProduct.Run(pool, input, 1, new(matrix, output));
                }
            });
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{type,-7} {tier,-9} {threads} thread(s): {(double)many * RowCount * ColumnCount / manySeconds / 1e9,6:F1} GMAC/s, {matrices.Sum(m => m.ByteSize) / oneSeconds / 1e9,6:F1} GB/s of weights"));
        }

        foreach (WeightMatrix matrix in matrices)
        {
            matrix.Dispose();
        }
    }

    private static double Best(Action action)
    {
        double best = double.MaxValue;
        var total = Stopwatch.StartNew();
        for (int i = 0; i < 3 || total.ElapsedMilliseconds < 700; i++)
        {
            long start = Stopwatch.GetTimestamp();
            action();
            best = Math.Min(best, Stopwatch.GetElapsedTime(start).TotalSeconds);
        }

        return best;
    }

    private static WeightMatrix Create(GgmlType type, KernelTier tier, int seed)
    {
        WeightMatrix matrix = WeightMatrixFactory.Create(type, RowCount, ColumnCount, tier);
        byte[] panel = new byte[GgmlTypes.RowByteSize(type, ColumnCount) * WeightMatrix.PanelRowCount];
        RandomWeights.Fill(type, 0.02f, isNorm: false, panel, new Random(seed));
        Parallel.For(0, matrix.PanelCount, i =>
        {
            if (!matrix.TryFill(i, panel))
            {
                throw new InvalidOperationException($"Random weights of {type} are not finite.");
            }
        });
        return matrix;
    }
}
