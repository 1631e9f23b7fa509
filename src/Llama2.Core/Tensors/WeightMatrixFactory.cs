using System.Runtime.Intrinsics;
using Llama2.Kernels;
using Llama2.Memory;
using Llama2.Quantization;

namespace Llama2.Tensors;

/// <summary>Chooses the layout of a format's codes and scales, and the tier. This is the only place that combines formats and tiers.</summary>
internal static class WeightMatrixFactory
{
    /// <summary>The best tier that this process can use.</summary>
    public static KernelTier BestTier => SupportedTiers[^1];

    /// <summary>The tiers that this process can use, the best one last.</summary>
    public static IReadOnlyList<KernelTier> SupportedTiers { get; } = Array.FindAll(Enum.GetValues<KernelTier>(), IsSupported);

    /// <summary>Whether this process can use a tier.</summary>
    public static bool IsSupported(KernelTier tier) => tier switch
    {
        KernelTier.AdvSimd => AdvSimdTier.IsSupported,
        KernelTier.AdvSimdDot => AdvSimdDotTier.IsSupported,
        KernelTier.Avx2 => Avx2Tier.IsSupported,
        KernelTier.Avx2Vnni => Avx2VnniTier.IsSupported,
        KernelTier.Avx512 => Avx512Tier.IsSupported,
#if NET11_0_OR_GREATER
        KernelTier.Avx512Vnni => Avx512VnniTier.IsSupported,
#else
        KernelTier.Avx512Vnni => false,
#endif
        _ => true,
    };

    /// <summary>Creates an empty matrix, to be filled panel by panel.</summary>
    /// <param name="type">The format of the weights.</param>
    /// <param name="rowCount">The number of rows.</param>
    /// <param name="columnCount">The number of columns.</param>
    /// <param name="tier">The kernel tier.</param>
    /// <param name="place">
    /// Called for each of <see cref="WeightMatrix.Parts"/>, in this order, with its size in bytes; returns its memory. If null, each part is
    /// allocated separately.
    /// </param>
    /// <exception cref="UnsupportedWeightFormatException">This library cannot multiply matrices of the format.</exception>
    /// <exception cref="PlatformNotSupportedException">This process cannot use the tier.</exception>
    public static WeightMatrix Create(GgmlType type, int rowCount, int columnCount, KernelTier tier, Func<long, WeightBytes>? place = null) => tier switch
    {
        _ when !IsSupported(tier) => throw Unsupported(tier),
        KernelTier.AdvSimd => Create<AdvSimdTier, Vector128<byte>>(type, rowCount, columnCount, place ?? WeightBytes.Allocate),
        KernelTier.AdvSimdDot => Create<AdvSimdDotTier, Vector128<byte>>(type, rowCount, columnCount, place ?? WeightBytes.Allocate),
        KernelTier.Avx2 => Create<Avx2Tier, Vector256<byte>>(type, rowCount, columnCount, place ?? WeightBytes.Allocate),
        KernelTier.Avx2Vnni => Create<Avx2VnniTier, Vector256<byte>>(type, rowCount, columnCount, place ?? WeightBytes.Allocate),
        KernelTier.Avx512 => Create<Avx512Tier, Vector512<byte>>(type, rowCount, columnCount, place ?? WeightBytes.Allocate),
#if NET11_0_OR_GREATER
        KernelTier.Avx512Vnni => Create<Avx512VnniTier, Vector512<byte>>(type, rowCount, columnCount, place ?? WeightBytes.Allocate),
#endif
        _ => Create<PortableTier, Vector128<byte>>(type, rowCount, columnCount, place ?? WeightBytes.Allocate),
    };

    /// <summary>The size in bytes that a matrix has in memory, in whole panels. Formats whose scales are packed in files are larger in memory.</summary>
    /// <exception cref="UnsupportedWeightFormatException">This library cannot multiply matrices of the format.</exception>
    public static long ByteSizeFor(GgmlType type, long rowCount, long columnCount, KernelTier tier)
    {
        // All formats have blocks of at most 256 columns, and the size of a panel is proportional to the number of its blocks.
        const int SampleColumnCount = 256;
        using WeightMatrix panel = Create(type, WeightMatrix.PanelRowCount, SampleColumnCount, tier, WeightBytes.WithoutMemory);
        long panelCount = (rowCount + WeightMatrix.PanelRowCount - 1) / WeightMatrix.PanelRowCount;
        return (long)((Int128)panel.ByteSize * panelCount * columnCount / SampleColumnCount);
    }

    /// <summary>Creates the attention for a cache of a given type.</summary>
    public static Attention CreateAttention(KeyValueCacheType cacheType, int headLength, KernelTier tier) => tier switch
    {
        _ when !IsSupported(tier) => throw Unsupported(tier),
        KernelTier.AdvSimd => CreateAttention<AdvSimdTier, Vector128<byte>>(cacheType, headLength),
        KernelTier.AdvSimdDot => CreateAttention<AdvSimdDotTier, Vector128<byte>>(cacheType, headLength),
        KernelTier.Avx2 => CreateAttention<Avx2Tier, Vector256<byte>>(cacheType, headLength),
        KernelTier.Avx2Vnni => CreateAttention<Avx2VnniTier, Vector256<byte>>(cacheType, headLength),
        KernelTier.Avx512 or KernelTier.Avx512Vnni => CreateAttention<Avx512Tier, Vector512<byte>>(cacheType, headLength),
        _ => CreateAttention<PortableTier, Vector128<byte>>(cacheType, headLength),
    };

    /// <summary>
    /// The type of keys and values with 16 bits that a tier multiplies fastest. ARM64 has no instruction that adds two products of 16-bit integers in a
    /// 32-bit lane; its integer products take more instructions than float32 products.
    /// </summary>
    public static KeyValueCacheType FastestHalfWidthCache(KernelTier tier)
        => tier is KernelTier.AdvSimd or KernelTier.AdvSimdDot or KernelTier.Portable ? KeyValueCacheType.F16 : KeyValueCacheType.I16;

    private static Attention CreateAttention<TTier, V>(KeyValueCacheType cacheType, int headLength)
        where TTier : struct, ITier<V>
        where V : struct
        => cacheType switch
        {
            KeyValueCacheType.F32 => new PanelAttention<SingleWeights, TTier, V>(headLength),
            KeyValueCacheType.F16 => new PanelAttention<HalfWeights, TTier, V>(headLength),
            KeyValueCacheType.BF16 => new PanelAttention<BFloatWeights, TTier, V>(headLength),
            KeyValueCacheType.Q8_0 => new PanelAttention<SignedByteWeights, TTier, V>(headLength),
            KeyValueCacheType.I16 => new IntegerAttention<TTier, V>(headLength),
            _ => throw new ArgumentOutOfRangeException(nameof(cacheType), cacheType, null),
        };

    private static WeightMatrix Create<TTier, V>(GgmlType type, int rowCount, int columnCount, Func<long, WeightBytes> place)
        where TTier : struct, ITier<V>
        where V : struct
        => type switch
        {
            GgmlType.F32 => new FloatPanelMatrix<F32, SingleWeights, TTier, V>(rowCount, columnCount, place),
            GgmlType.F16 => new FloatPanelMatrix<F16, HalfWeights, TTier, V>(rowCount, columnCount, place),
            GgmlType.BF16 => new FloatPanelMatrix<BF16, BFloatWeights, TTier, V>(rowCount, columnCount, place),
            GgmlType.Q4_0 => new PanelMatrix<Q4_0, Codes4, BlockScale, TTier, V>(rowCount, columnCount, place),
            GgmlType.Q4_1 => new PanelMatrix<Q4_1, Codes4, BlockScaleOffset, TTier, V>(rowCount, columnCount, place),
            GgmlType.Q5_0 => new PanelMatrix<Q5_0, Codes5, BlockScale, TTier, V>(rowCount, columnCount, place),
            GgmlType.Q5_1 => new PanelMatrix<Q5_1, Codes5, BlockScaleOffset, TTier, V>(rowCount, columnCount, place),
            GgmlType.Q8_0 => new PanelMatrix<Q8_0, Codes8, BlockScale, TTier, V>(rowCount, columnCount, place),
            GgmlType.IQ4_NL => new PanelMatrix<IQ4_NL, CodesNonlinear4, BlockScale, TTier, V>(rowCount, columnCount, place),
            GgmlType.Q2_K => new PanelMatrix<Q2_K, Codes2, GroupScaleOffset<GroupsOf16>, TTier, V>(rowCount, columnCount, place),
            GgmlType.Q3_K => new PanelMatrix<Q3_K, Codes3, GroupScale<GroupsOf16>, TTier, V>(rowCount, columnCount, place),
            GgmlType.Q4_K => new PanelMatrix<Q4_K, Codes4, GroupScaleOffset<GroupsOf32>, TTier, V>(rowCount, columnCount, place),
            GgmlType.Q5_K => new PanelMatrix<Q5_K, Codes5, GroupScaleOffset<GroupsOf32>, TTier, V>(rowCount, columnCount, place),
            GgmlType.Q6_K => new PanelMatrix<Q6_K, Codes6, GroupScale<GroupsOf16>, TTier, V>(rowCount, columnCount, place),
            GgmlType.IQ4_XS => new PanelMatrix<IQ4_XS, CodesNonlinear4, GroupScale<GroupsOf32>, TTier, V>(rowCount, columnCount, place),
            _ => throw new UnsupportedWeightFormatException(type, WeightFormats.Supported),
        };

    private static PlatformNotSupportedException Unsupported(KernelTier tier)
        => new($"This process cannot use the kernel tier {tier}, only {string.Join(", ", SupportedTiers)}.");
}
