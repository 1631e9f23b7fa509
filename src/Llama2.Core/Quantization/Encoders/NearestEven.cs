using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Llama2.Quantization.Encoders;

/// <summary>Rounds to the nearest integer; a number halfway between two integers is rounded to the even one. Used by formats with a search for scales.</summary>
internal readonly struct NearestEven : IRounding
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> Round(Vector128<float> scaled, Vector128<float> bias) => Vector128.Round(scaled) + bias;
}
