using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using Llama2.Kernels;
using Llama2.Tensors;

namespace Llama2.Tests.Kernels;

/// <summary>The tiers that this process may use, and the type of each tier by its name.</summary>
internal static class Tiers
{
    public static IEnumerable<KernelTier> Supported => Enum.GetValues<KernelTier>().Where(WeightMatrixFactory.IsSupported);

    public static TheoryData<string> Names => [.. Supported.Select(tier => tier.ToString())];

    public static void Check(string tier, ITierCheck check)
    {
        switch (Enum.Parse<KernelTier>(tier))
        {
            case KernelTier.Portable: check.Check<PortableTier, Vector128<byte>>(); break;
            case KernelTier.AdvSimd: check.Check<AdvSimdTier, Vector128<byte>>(); break;
            case KernelTier.AdvSimdDot: check.Check<AdvSimdDotTier, Vector128<byte>>(); break;
            case KernelTier.Avx2: check.Check<Avx2Tier, Vector256<byte>>(); break;
            case KernelTier.Avx2Vnni: check.Check<Avx2VnniTier, Vector256<byte>>(); break;
            case KernelTier.Avx512: check.Check<Avx512Tier, Vector512<byte>>(); break;
#if NET11_0_OR_GREATER
            case KernelTier.Avx512Vnni: check.Check<Avx512VnniTier, Vector512<byte>>(); break;
#endif
            default: throw new ArgumentOutOfRangeException(nameof(tier), tier, "The tests do not know this tier: add it.");
        }
    }

    /// <summary>The bytes of a register.</summary>
    public static byte[] Bytes<V>(V register)
        where V : struct => MemoryMarshal.AsBytes(MemoryMarshal.CreateReadOnlySpan(in register, 1)).ToArray();

    /// <summary>The lanes of a register as integers.</summary>
    public static int[] Integers<V>(V register)
        where V : struct => MemoryMarshal.Cast<byte, int>(Bytes(register)).ToArray();

    /// <summary>The lanes of a register as floats.</summary>
    public static float[] Floats<V>(V register)
        where V : struct => MemoryMarshal.Cast<byte, float>(Bytes(register)).ToArray();

    /// <summary>A register whose lanes contain these numbers.</summary>
    public static V Load<TTier, V, T>(params T[] lanes)
        where TTier : struct, ITier<V>
        where V : struct
        where T : unmanaged
    {
        lanes.Length.Should().Be(TTier.Lanes * 4 / Marshal.SizeOf<T>());
        return TTier.Load(in MemoryMarshal.AsBytes(lanes.AsSpan())[0]);
    }

    /// <summary>Activations in the form that a tier needs for codes of the given width: whole, or in two parts.</summary>
    public static sbyte[] Activations<TTier, V>(sbyte[] values, int codeBits)
        where TTier : struct, ITier<V>
        where V : struct
    {
        if (codeBits < 8 || !TTier.SplitsActivations)
        {
            return values;
        }

        sbyte[] split = new sbyte[ActivationTile.SplitDistance + values.Length];
        for (int i = 0; i < values.Length; i++)
        {
            split[i] = (sbyte)(values[i] + 8 >> 4);
            split[ActivationTile.SplitDistance + i] = (sbyte)(values[i] - 16 * split[i]);
        }

        return split;
    }
}
