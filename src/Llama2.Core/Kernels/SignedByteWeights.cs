using System.Runtime.CompilerServices;

namespace Llama2.Kernels;

/// <summary>Integers from −127 to 127: the numbers of a key-value cache, divided by the scale of their group (<see cref="CacheScales{TTier, V}"/>).</summary>
internal readonly struct SignedByteWeights : IFloatWeights
{
    public static int ByteSize => 1;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Load<TTier, V>(ref readonly byte weights)
        where TTier : struct, ITier<V>
        where V : struct
        => TTier.LoadSignedBytesAsFloats(in weights);

    public static void Store(float value, ref byte destination) => destination = (byte)(sbyte)MathF.Round(Math.Clamp(value, -127, 127));
}
