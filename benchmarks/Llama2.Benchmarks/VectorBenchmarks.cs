using BenchmarkDotNet.Attributes;
using Llama2.Kernels;

namespace Llama2.Benchmarks;

/// <summary>What is done to one token between the products, at the widths of Llama 2 7B.</summary>
public class VectorBenchmarks
{
    private const int Width = 4096;
    private const int HiddenWidth = 11008;
    private const int HeadLength = 128;
    private readonly RotaryEmbedding _rotary = new(HeadLength, theta: 10_000, scalingFactor: 1);
    private readonly float[] _input = RandomMatrix.Values(Width);
    private readonly float[] _weight = RandomMatrix.Values(Width);
    private readonly float[] _output = new float[Width];
    private readonly float[] _gate = RandomMatrix.Values(HiddenWidth);
    private readonly float[] _up = RandomMatrix.Values(HiddenWidth);
    private readonly float[] _hidden = new float[HiddenWidth];
    private readonly float[] _heads = RandomMatrix.Values(Width);
    private readonly float[] _scores = RandomMatrix.Values(Width);
    private readonly float[] _probabilities = new float[Width];
    private float[] _rotation = null!;
    private QuantizedActivations _quantized = null!;
    private TiledActivations _tiled = null!;

    [GlobalSetup]
    public void Setup()
    {
        _rotation = new float[_rotary.RotationLength];
        _rotary.Prepare(1000, _rotation);
        _quantized = new QuantizedActivations(1, Width);
        _tiled = new TiledActivations(1, Width);
    }

    [GlobalCleanup]
    public void Cleanup()
    {
        _quantized.Dispose();
        _tiled.Dispose();
    }

    /// <summary>4,096 elements.</summary>
    [Benchmark]
    public void RmsNorm() => Kernels.RmsNorm.Apply(_input, _weight, 1e-5f, _output);

    /// <summary>11,008 elements.</summary>
    [Benchmark]
    public void SwiGlu() => Kernels.SwiGlu.Apply(_gate, _up, _hidden);

    /// <summary>The sines and cosines of one position; made once for all layers.</summary>
    [Benchmark]
    public void PrepareRotation() => _rotary.Prepare(1000, _rotation);

    /// <summary>32 heads of 128 elements.</summary>
    [Benchmark]
    public void Rotate() => _rotary.Rotate(_heads, _rotation);

    /// <summary>4,096 scores, copied first: softmax replaces them.</summary>
    [Benchmark]
    public void Softmax()
    {
        _scores.CopyTo(_probabilities, 0);
        Kernels.Softmax.Apply(_probabilities);
    }

    /// <summary>4,096 elements, to bytes.</summary>
    [Benchmark]
    public void QuantizeActivations() => _quantized.Set(0, _input);

    /// <summary>4,096 elements, as floats for unquantized weights.</summary>
    [Benchmark]
    public void TileActivations() => _tiled.Set(0, _input);
}
