using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Llama2.Quantization.Encoders;

/// <summary>Converts weights whose scale is known to codes, sixteen at a time. The lengths of all spans are multiples of 16.</summary>
internal static class WeightCodes
{
    /// <summary>
    /// Computes the code nearest to <c>factor · (weight − origin)</c> for each weight, limited to the range from 0 to the format's largest code.
    /// </summary>
    public static void Multiply<TFormat, TRounding>(ReadOnlySpan<float> weights, float factor, float origin, Span<byte> codes)
        where TFormat : struct, IBlockFormat
        where TRounding : struct, IRounding
        => Round<TFormat, TRounding, Product>(weights, new Product(factor, origin), codes);

    /// <summary>
    /// Computes the code nearest to <c>(weight + offset) ⁄ scale</c> for each weight, limited to the range from 0 to the format's largest code.
    /// </summary>
    public static void Divide<TFormat>(ReadOnlySpan<float> weights, float offset, float scale, Span<byte> codes)
        where TFormat : struct, IBlockFormat
        => Round<TFormat, NearestEven, Quotient>(weights, new Quotient(offset, scale), codes);

    private static void Round<TFormat, TRounding, TScaling>(ReadOnlySpan<float> weights, TScaling scaling, Span<byte> codes)
        where TFormat : struct, IBlockFormat
        where TRounding : struct, IRounding
        where TScaling : struct, IScaling
    {
        Debug.Assert(weights.Length % 16 == 0 && codes.Length >= weights.Length);
        Vector128<float> bias = Vector128.Create((float)TFormat.Bias), largest = Vector128.Create((float)TFormat.MaxCode);
        for (int i = 0; i < weights.Length; i += 16)
        {
            Vector128<short> low = Vector128.Narrow(Code(weights[i..]), Code(weights[(i + 4)..]));
            Vector128<short> high = Vector128.Narrow(Code(weights[(i + 8)..]), Code(weights[(i + 12)..]));
            Vector128.Narrow(low.AsUInt16(), high.AsUInt16()).CopyTo(codes[i..]);
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        Vector128<int> Code(ReadOnlySpan<float> four)
        {
            Vector128<float> code = TRounding.Round(scaling.Apply(Vector128.Create(four)), bias);
            return Vector128.ConvertToInt32Native(Vector128.MinNative(Vector128.MaxNative(code, Vector128<float>.Zero), largest));
        }
    }

    private interface IScaling
    {
        Vector128<float> Apply(Vector128<float> weights);
    }

    private readonly struct Product(float factor, float origin) : IScaling
    {
        private readonly Vector128<float> _factor = Vector128.Create(factor), _origin = Vector128.Create(origin);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public Vector128<float> Apply(Vector128<float> weights) => _factor * (weights - _origin);
    }

    private readonly struct Quotient(float offset, float scale) : IScaling
    {
        private readonly Vector128<float> _offset = Vector128.Create(offset), _scale = Vector128.Create(scale);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public Vector128<float> Apply(Vector128<float> weights) => (weights + _offset) / _scale;
    }
}
