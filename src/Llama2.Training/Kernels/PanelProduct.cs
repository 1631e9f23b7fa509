using System.Runtime.Intrinsics;
using Llama2.Kernels;
using Llama2.Tensors;

namespace Llama2.Training.Kernels;

/// <summary>The float32 matrix kernel of a tier: one or two panels of 16 packed vectors times a tile of up to 8 packed vectors.</summary>
internal abstract class PanelProduct
{
    /// <summary>
    /// The number of vectors that a panel has side by side. Panels hold the vectors of one factor of a product, and tiles hold those of the other
    /// factor.
    /// </summary>
    public const int PanelWidth = WeightMatrix.PanelRowCount;

    /// <summary>The number of vectors that a tile has side by side.</summary>
    public const int TileWidth = ActivationTile.Width;

    /// <exception cref="PlatformNotSupportedException">This process cannot use the tier.</exception>
    public static PanelProduct Create(KernelTier tier) => tier switch
    {
        _ when !WeightMatrixFactory.IsSupported(tier) => throw new PlatformNotSupportedException($"This process cannot use the kernel tier {tier}."),
        KernelTier.Avx512 or KernelTier.Avx512Vnni => new Of<Avx512Tier, Vector512<byte>>(),
        KernelTier.Avx2Vnni or KernelTier.Avx2 => new Of<Avx2Tier, Vector256<byte>>(),
        KernelTier.AdvSimd or KernelTier.AdvSimdDot => new Of<AdvSimdTier, Vector128<byte>>(),
        _ => new Of<PortableTier, Vector128<byte>>(),
    };

    /// <summary>
    /// Writes or adds <c>count × 16</c> dot products for each panel. For every count, each dot product is summed in the order of the elements.
    /// </summary>
    /// <param name="panel">16 vectors: element 0 of every vector, then element 1, and so on.</param>
    /// <param name="panelLength">The distance in floats from one panel to the next.</param>
    /// <param name="panelCount">1 or 2.</param>
    /// <param name="tile">8 vectors: element 0 of every vector, then element 1, and so on.</param>
    /// <param name="length">The number of elements, even.</param>
    /// <param name="count">The number of the tile's vectors for which products are computed.</param>
    /// <param name="output">The products of the first vector; the products of the second panel follow those of the first panel.</param>
    /// <param name="stride">The distance in floats from the products of one vector to those of the next vector.</param>
    /// <param name="accumulate">Whether to add to the output instead of replacing it.</param>
    public abstract void Multiply(
        ref float panel, nint panelLength, int panelCount, ref float tile, int length, int count, ref float output, nint stride, bool accumulate);

    private sealed class Of<TTier, V> : PanelProduct
        where TTier : struct, ITier<V>
        where V : struct
    {
        public override void Multiply(
            ref float panel, nint panelLength, int panelCount, ref float tile, int length, int count, ref float output, nint stride, bool accumulate)
            => TileKernel<TTier, V>.Multiply(ref panel, panelLength, panelCount, ref tile, length, count, ref output, stride, accumulate);
    }
}
