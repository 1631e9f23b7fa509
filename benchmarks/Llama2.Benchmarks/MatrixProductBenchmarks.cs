using BenchmarkDotNet.Attributes;
using Llama2.Quantization;
using Llama2.Tensors;
using Llama2.Threading;

namespace Llama2.Benchmarks;

/// <summary>A product of 5,632 × 2,048 weights with 256 tokens and with one, for each format and tier that this processor has.</summary>
public class MatrixProductBenchmarks
{
    // In generation, a matrix is read once for a token and comes from memory, not from a cache. So several matrices, which together have this size,
    // are multiplied in turn.
    private const long WeightByteSize = 400_000_000;
    private WorkerPool _pool = null!;
    private WeightMatrix[] _matrices = null!;
    private Activations _input = null!;
    private Activations _output = null!;
    private int _next;

    /// <summary>The weights' format.</summary>
    [ParamsSource(nameof(Formats))]
    public GgmlType Format { get; set; }

    /// <summary>The name of the kernels' tier.</summary>
    [ParamsSource(nameof(Tiers))]
    public string Tier { get; set; } = "";

    /// <summary>The number of tokens that are multiplied at once.</summary>
    [Params(256, 1)]
    public int TokenCount { get; set; }

    public static IEnumerable<GgmlType> Formats => WeightFormats.Supported;

    public static IEnumerable<string> Tiers => Enum.GetValues<KernelTier>().Where(WeightMatrixFactory.IsSupported).Select(tier => tier.ToString());

    [GlobalSetup]
    public void Setup()
    {
        KernelTier tier = Enum.Parse<KernelTier>(Tier);
        WeightMatrix first = RandomMatrix.Create(Format, tier, seed: 1);
        int count = TokenCount == 1 ? (int)(WeightByteSize / first.ByteSize) : 1;
        _matrices = [first, .. Enumerable.Range(2, count - 1).Select(seed => RandomMatrix.Create(Format, tier, seed))];
        _pool = new WorkerPool(LlamaHardware.PhysicalCoreCount);
        _input = new Activations(TokenCount, RandomMatrix.ColumnCount);
        _output = new Activations(TokenCount, RandomMatrix.RowCount);
        RandomMatrix.Fill(_input, TokenCount);
    }

    [GlobalCleanup]
    public void Cleanup()
    {
        Array.ForEach(_matrices, matrix => matrix.Dispose());
        _pool.Dispose();
        _input.Dispose();
        _output.Dispose();
    }

    [Benchmark]
    public void Multiply()
    {
        MatrixProduct.Run(_pool, _input, TokenCount, new(_matrices[_next], _output));
        _next = (_next + 1) % _matrices.Length;
    }
}
