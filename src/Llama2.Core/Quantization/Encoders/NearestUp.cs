using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Llama2.Quantization.Encoders;

/// <summary>
/// Rounds to the nearest integer; a number halfway between two integers is rounded to the larger one. Used by Q4_0, Q4_1, Q5_0 and Q5_1 if there is
/// no search for scales.
/// </summary>
internal readonly struct NearestUp : IRounding
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> Round(Vector128<float> scaled, Vector128<float> bias) => Vector128.Floor(scaled + (bias + Vector128.Create(0.5f)));
}
