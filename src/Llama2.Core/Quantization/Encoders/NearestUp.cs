using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Llama2.Quantization.Encoders;

/// <summary>Ties are rounded to the larger integer: Q4_0 to Q5_1 without a search.</summary>
internal readonly struct NearestUp : IRounding
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> Round(Vector128<float> scaled, Vector128<float> bias) => Vector128.Floor(scaled + (bias + Vector128.Create(0.5f)));
}
