using System.Runtime.CompilerServices;
using Llama2.Memory;

namespace Llama2.Kernels;

/// <summary>
/// Activations of many tokens in float32, in tiles of <see cref="ActivationTile.Width"/> tokens: for each column, the tile's tokens are side by side,
/// so that <see cref="FloatPanelKernel{TWeights, TTier, V}"/> reaches them from one address. Columns are padded to an even number.
/// </summary>
internal sealed class TiledActivations : IDisposable
{
    private readonly int _width;
    private readonly int _paddedWidth;
    private readonly AlignedBuffer<float> _values;

    /// <summary>Allocates memory for <paramref name="tokenCapacity"/> tokens of <paramref name="width"/> columns.</summary>
    public TiledActivations(int tokenCapacity, int width)
    {
        _width = width;
        _paddedWidth = (width + 1) / 2 * 2;
        long tileCount = (tokenCapacity + ActivationTile.Width - 1) / ActivationTile.Width;
        // A kernel that begins at a later token of the last tile reads past the end of the tile, so there is room for one more column.
        _values = new(tileCount * ActivationTile.Width * _paddedWidth + ActivationTile.Width);
    }

    /// <summary>A reference to a column of a token in its tile, by default the first column.</summary>
    public ref float From(int token, int column = 0)
    {
        nint tile = token / ActivationTile.Width;
        return ref Unsafe.Add(ref _values.Reference, (tile * _paddedWidth + column) * ActivationTile.Width + token % ActivationTile.Width);
    }

    /// <summary>Sets one token's activations. Different tokens may be set by different threads.</summary>
    public void Set(int token, ReadOnlySpan<float> activations)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(activations.Length, _width);
        Set(token, 0, activations);
    }

    /// <summary>Sets some columns of one token's activations. Different tokens and columns may be set by different threads.</summary>
    public void Set(int token, int firstColumn, ReadOnlySpan<float> activations)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(activations.Length, _width - firstColumn);
        ref float destination = ref From(token, firstColumn);
        for (int column = 0; column < activations.Length; column++)
        {
            Unsafe.Add(ref destination, column * ActivationTile.Width) = activations[column];
        }
    }

    public void Dispose() => _values.Dispose();
}
