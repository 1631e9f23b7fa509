using Llama2.Kernels;
using Llama2.Memory;

namespace Llama2.Tensors;

/// <summary>
/// A matrix [tokens, width] of float32 between two steps of the forward pass, and the forms in which kernels read it. The forms are computed by
/// <see cref="MatrixProduct"/>, once for all products that share an input.
/// </summary>
internal sealed class Activations : IDisposable
{
    private readonly int _tokenCapacity;
    private readonly AlignedBuffer<float> _values;
    private QuantizedActivations? _quantized;
    private QuantizedActivations? _quantizedByPowersOfTwo;
    private TiledActivations? _tiled;

    /// <summary>Allocates memory for <paramref name="tokenCapacity"/> tokens of <paramref name="width"/> columns.</summary>
    public Activations(int tokenCapacity, int width)
    {
        _tokenCapacity = tokenCapacity;
        Width = width;
        // Kernels write whole panels of 16 rows.
        Stride = (width + WeightMatrix.PanelRowCount - 1) / WeightMatrix.PanelRowCount * WeightMatrix.PanelRowCount;
        _values = new((long)tokenCapacity * Stride);
    }

    /// <summary>The number of columns.</summary>
    public int Width { get; }

    /// <summary>The distance in floats from one token's row to the next: at least <see cref="Width"/>, and a multiple of 16.</summary>
    public int Stride { get; }

    /// <summary>One token's row, without its padding.</summary>
    public Span<float> this[int token] => _values.Slice((long)token * Stride, Width);

    /// <summary>The part of one token's row that starts at a panel's first column, with the row's padding.</summary>
    public Span<float> Panel(int token, int panel) => _values.Slice((long)token * Stride + panel * WeightMatrix.PanelRowCount, WeightMatrix.PanelRowCount);

    /// <summary>The form for products with weights that have a scale for each block of 32.</summary>
    public QuantizedActivations Quantized => _quantized ??= new QuantizedActivations(_tokenCapacity, Width, powersOfTwo: false);

    /// <summary>The form for products with quantized weights of the other formats.</summary>
    public QuantizedActivations QuantizedByPowersOfTwo => _quantizedByPowersOfTwo ??= new QuantizedActivations(_tokenCapacity, Width, powersOfTwo: true);

    /// <summary>The form for products with unquantized weights.</summary>
    public TiledActivations Tiled => _tiled ??= new TiledActivations(_tokenCapacity, Width);

    public void Dispose()
    {
        _values.Dispose();
        _quantized?.Dispose();
        _quantizedByPowersOfTwo?.Dispose();
        _tiled?.Dispose();
    }
}
