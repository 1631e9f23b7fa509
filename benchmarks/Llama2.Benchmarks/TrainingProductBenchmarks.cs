using BenchmarkDotNet.Attributes;
using Llama2.Tensors;
using Llama2.Threading;
using Llama2.Training.Tensors;

namespace Llama2.Benchmarks;

/// <summary>The three float32 products of a trained layer with 512 tokens: forward, and the gradients of input and weights.</summary>
public class TrainingProductBenchmarks
{
    private const int TokenCount = 512;
    private WorkerPool _pool = null!;
    private MatrixMultiplier _multiplier = null!;
    private Matrix _input = null!;
    private Matrix _weights = null!;
    private Matrix _output = null!;

    /// <summary>The outputs and inputs of the layer.</summary>
    [Params("768x768", "5632x2048")]
    public string Layer { get; set; } = "";

    private int Rows => _weights.RowCount;

    private int Columns => _weights.ColumnCount;

    [GlobalSetup]
    public void Setup()
    {
        int[] sizes = Array.ConvertAll(Layer.Split('x'), int.Parse);
        _pool = new WorkerPool(LlamaHardware.PhysicalCoreCount);
        _multiplier = new MatrixMultiplier(_pool, WeightMatrixFactory.BestTier);
        (_input, _weights, _output) = (new(TokenCount, sizes[1]), new(sizes[0], sizes[1]), new(TokenCount, sizes[0]));
        RandomMatrix.Fill(_input.Activations, TokenCount);
        RandomMatrix.Fill(_weights.Activations, sizes[0]);
        RandomMatrix.Fill(_output.Activations, TokenCount);
    }

    [GlobalCleanup]
    public void Cleanup()
    {
        _multiplier.Dispose();
        _pool.Dispose();
        _input.Dispose();
        _weights.Dispose();
        _output.Dispose();
    }

    [Benchmark]
    public void Forward() => _multiplier.Multiply(_input.Rows, TokenCount, _weights.Rows, Columns, _output);

    [Benchmark]
    public void InputGradient() => _multiplier.Multiply(_output.Rows, TokenCount, _weights.Columns, Rows, _input);

    [Benchmark]
    public void WeightGradient() => _multiplier.Multiply(_output.Columns, Rows, _input.Columns, TokenCount, _weights);
}
