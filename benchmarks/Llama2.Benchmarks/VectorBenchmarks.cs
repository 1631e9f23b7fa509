using BenchmarkDotNet.Attributes;
using Llama2.Kernels;
using Llama2.Tensors;

namespace Llama2.Benchmarks;

/// <summary>The operations on one token between the matrix products, at the widths of Llama 2 7B.</summary>
public class VectorBenchmarks
{
    private const int Width = 4096;
    private const int HiddenWidth = 11008;
    private const int HeadLength = 128;
    private readonly RotaryEmbedding _rotary = new(new RopeFrequencies(HeadLength, theta: 10_000, RopeScaling.None, contextLength: 4096));
    private readonly float[] _input = RandomMatrix.Values(Width);
    private readonly float[] _weight = RandomMatrix.Values(Width);
    private readonly float[] _output = new float[Width];
    private readonly float[] _gate = RandomMatrix.Values(HiddenWidth);
    private readonly float[] _up = RandomMatrix.Values(HiddenWidth);
    private readonly float[] _hidden = new float[HiddenWidth];
    private readonly float[] _heads = RandomMatrix.Values(Width);
    private readonly Attention _attention = WeightMatrixFactory.CreateAttention(KeyValueCacheType.F16, HeadLength, WeightMatrixFactory.BestTier);
    private readonly AttentionScratch _scratch = new(HeadLength);
    private readonly int[] _lastPositions = [.. Enumerable.Repeat(Attention.BlockLength - 1, Attention.MaxRowCount)];
    private byte[] _keys = null!;
    private byte[] _values = null!;
    private float[] _rotation = null!;
    private QuantizedActivations _quantized = null!;
    private TiledActivations _tiled = null!;

    [GlobalSetup]
    public void Setup()
    {
        _rotation = new float[_rotary.RotationLength];
        _rotary.Prepare(1000, _rotation);
        _quantized = new QuantizedActivations(1, Width, powersOfTwo: false);
        _tiled = new TiledActivations(1, Width);
        _keys = new byte[_attention.KeyBlockByteSize];
        _values = new byte[_attention.ValueBlockByteSize];
        for (int position = 0; position < Attention.BlockLength; position++)
        {
            _attention.StoreKey(_heads.AsSpan(position % 32 * HeadLength, HeadLength), position, _keys);
            _attention.StoreValue(_input.AsSpan(position % 32 * HeadLength, HeadLength), position, _values);
        }

        _attention.Begin(Attention.MaxRowCount, _scratch);
    }

    [GlobalCleanup]
    public void Cleanup()
    {
        _quantized.Dispose();
        _tiled.Dispose();
        _scratch.Dispose();
    }

    /// <summary>Vectors of 4,096 elements.</summary>
    [Benchmark]
    public void RmsNorm() => Kernels.RmsNorm.Apply(_input, _weight, 1e-5f, _output);

    /// <summary>Vectors of 11,008 elements.</summary>
    [Benchmark]
    public void SwiGlu() => Kernels.SwiGlu.Apply(_gate, _up, _hidden);

    /// <summary>Computes the sines and cosines of one position; this is done once for all layers.</summary>
    [Benchmark]
    public void PrepareRotation() => _rotary.Prepare(1000, _rotation);

    /// <summary>Rotates 32 heads of 128 elements.</summary>
    [Benchmark]
    public void Rotate() => _rotary.Rotate(_heads, _rotation);

    /// <summary>The attention of 32 rows to one block of 64 positions, in a half-precision cache.</summary>
    [Benchmark]
    public void AttendToBlock() => _attention.AddBlock(_keys, _values, _keys, _values, 0, _lastPositions, _scratch);

    /// <summary>Quantizes 4,096 elements to bytes.</summary>
    [Benchmark]
    public void QuantizeActivations() => _quantized.Set(0, _input, split: true);

    /// <summary>Stores 4,096 elements as floats, for a product with unquantized weights.</summary>
    [Benchmark]
    public void TileActivations() => _tiled.Set(0, _input);
}
