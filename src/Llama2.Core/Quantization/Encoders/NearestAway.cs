using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Llama2.Quantization.Encoders;

/// <summary>Rounds to the nearest integer; a number halfway between two integers is rounded away from zero. Used by Q8_0.</summary>
internal readonly struct NearestAway : IRounding
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> Round(Vector128<float> scaled, Vector128<float> bias)
    {
        Vector128<float> whole = Vector128.Truncate(scaled), one = Vector128.CopySign(Vector128<float>.One, scaled);
        Vector128<float> isHalf = Vector128.GreaterThanOrEqual(Vector128.Abs(scaled - whole), Vector128.Create(0.5f));
        return whole + (isHalf & one) + bias;
    }
}
