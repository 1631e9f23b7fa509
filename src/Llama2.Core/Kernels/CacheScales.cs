using System.Runtime.CompilerServices;

namespace Llama2.Kernels;

/// <summary>
/// The half-precision scales of a block of keys or values that are stored as signed bytes, [groups][positions]. There is a scale for each group of 32
/// elements of a head at a position; the last group may have fewer elements. The bytes themselves are never multiplied by scales. For scores, the
/// products of bytes and queries are multiplied by the scale of the position. For sums of values, the exponential of a position is multiplied by the
/// position's scale, and then by the bytes.
/// </summary>
internal static class CacheScales<TTier, V>
    where TTier : struct, ITier<V>
    where V : struct
{
    /// <summary>The number of elements of a head that share a scale.</summary>
    public const int GroupLength = 32;

    /// <summary>The size in bytes of the scales of one group at all positions of a block.</summary>
    public const int GroupByteSize = Attention.BlockLength * ScaleByteSize;

    private const int ScaleByteSize = 2;

    /// <summary>The size in bytes of a block's scales.</summary>
    public static int ByteSize(int headLength) => (headLength + GroupLength - 1) / GroupLength * GroupByteSize;

    /// <summary>Stores the scale that maps a group's largest magnitude to 127; returns the factor that converts the group's elements to codes.</summary>
    public static float Store(ReadOnlySpan<float> group, int position, Span<byte> groupScales)
    {
        float largest = 0;
        foreach (float element in group)
        {
            largest = MathF.Max(largest, MathF.Abs(element));
        }

        ref byte scale = ref groupScales[position * ScaleByteSize];
        HalfWeights.Store(largest / 127, ref scale);
        float rounded = (float)Unsafe.ReadUnaligned<Half>(in scale);
        return rounded == 0 ? 0 : 1 / rounded;
    }

    /// <summary>Multiplies the products of a group's keys and the queries by the group's scales, and adds them to the scores, [rows][positions].</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void AddScores(ref float products, ref byte groupScales, int rowCount, ref float scores)
    {
        for (int position = 0; position < Attention.BlockLength; position += TTier.Lanes)
        {
            V scales = TTier.LoadHalves(in Unsafe.Add(ref groupScales, position * ScaleByteSize));
            for (int i = position; i < rowCount * Attention.BlockLength; i += Attention.BlockLength)
            {
                ref float score = ref Unsafe.Add(ref scores, i);
                TTier.Store(TTier.MultiplyAdd(Load(ref Unsafe.Add(ref products, i)), scales, Load(ref score)), ref score);
            }
        }
    }

    /// <summary>Multiplies exponentials, [rows][positions], by the scales of a group of values.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Multiply(ref float exponentials, ref byte groupScales, int rowCount, ref float products)
    {
        for (int position = 0; position < Attention.BlockLength; position += TTier.Lanes)
        {
            V scales = TTier.LoadHalves(in Unsafe.Add(ref groupScales, position * ScaleByteSize));
            for (int i = position; i < rowCount * Attention.BlockLength; i += Attention.BlockLength)
            {
                TTier.Store(TTier.Multiply(Load(ref Unsafe.Add(ref exponentials, i)), scales), ref Unsafe.Add(ref products, i));
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V Load(ref float source) => TTier.LoadFloats(in Unsafe.As<float, byte>(ref source));
}
