using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Llama2.Training.Kernels;

/// <summary>
/// Encodes numbers by a table instead of a search. The numbers of a code are unevenly spaced, so a search for the nearest one takes eight comparisons
/// whose results the processor cannot predict. Here a number's sign, exponent and first seven bits of the mantissa select a cell of the table, which is
/// so narrow that it contains at most one boundary between two codes. An addition whose carry is the result of the only comparison then gives the
/// code. Immutable.
/// </summary>
internal sealed class CodeLookup
{
    // A key's lower bits, which are compared with the boundary of its cell; the upper bits are the cell's index.
    private const int LowBits = 16;
    private const int One = 0x3F80_0000;
    private readonly float[] _numbers;
    private readonly uint[] _cells;
    // The bits of the smallest magnitude that is distinguished from 0, and the key of 0.
    private readonly int _smallest, _origin;
    private readonly int _signs;

    /// <param name="numbers">The number of each of the 256 codes, ascending; the largest is 1 and the smallest is 0, or not below −1.</param>
    /// <param name="boundaries">For each code but the last, the largest number that is encoded by it.</param>
    public CodeLookup(float[] numbers, ReadOnlySpan<float> boundaries)
    {
        _numbers = numbers;
        bool isSigned = numbers[0] < 0;
        _signs = isSigned ? -1 : 0;
        float smallest = 1;
        foreach (float boundary in boundaries)
        {
            smallest = boundary != 0 ? Math.Min(smallest, Math.Abs(boundary)) : smallest;
        }

        _smallest = BitConverter.SingleToInt32Bits(smallest) >> LowBits << LowBits;
        int half = (One - _smallest >> LowBits) + 1;
        _origin = isSigned ? half << LowBits : 0;
        _cells = new uint[isSigned ? 2 * half : half];
        int code = 0;
        for (int cell = 0; cell < _cells.Length; cell++)
        {
            // The entry has the code of the cell's first key in its upper bits. Its lower bits carry into the code when a key above the boundary is added.
            _cells[cell] = (uint)code << LowBits;
            if (code < boundaries.Length && KeyOf(boundaries[code]) is int key && key >> LowBits == cell)
            {
                _cells[cell] |= (uint)(~key & 0xFFFF);
                code++;
            }

            if (code < boundaries.Length && KeyOf(boundaries[code]) >> LowBits <= cell)
            {
                throw new ArgumentException("Two boundaries are so near to each other that the table cannot distinguish them.", nameof(boundaries));
            }
        }
    }

    /// <summary>Replaces codes by their numbers, multiplied by a scale. Both spans have the same length.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Decode(ReadOnlySpan<byte> codes, float scale, Span<float> values)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(values.Length, codes.Length);
        ref float numbers = ref MemoryMarshal.GetArrayDataReference(_numbers);
        ref byte code = ref MemoryMarshal.GetReference(codes);
        ref float value = ref MemoryMarshal.GetReference(values);
        for (nint i = 0; i < codes.Length; i++)
        {
            Unsafe.Add(ref value, i) = Unsafe.Add(ref numbers, Unsafe.Add(ref code, i)) * scale;
        }
    }

    /// <summary>
    /// Encodes values, after division by their largest magnitude. Both spans have the same length. A largest magnitude below 2⁻¹²⁸ is treated as 0.
    /// </summary>
    /// <param name="values">The values; they are overwritten.</param>
    /// <param name="codes">Receives the codes.</param>
    /// <returns>The largest magnitude.</returns>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public float Encode(Span<float> values, Span<byte> codes)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(codes.Length, values.Length);
        float scale = LargestMagnitude(values), inverse = 1 / scale;
        ToKeys(values, float.IsFinite(inverse) ? inverse : 0);
        ref uint cells = ref MemoryMarshal.GetArrayDataReference(_cells);
        ref uint keys = ref Unsafe.As<float, uint>(ref MemoryMarshal.GetReference(values));
        ref byte code = ref MemoryMarshal.GetReference(codes);
        for (nint i = 0; i < codes.Length; i++)
        {
            uint key = Unsafe.Add(ref keys, i);
            Unsafe.Add(ref code, i) = (byte)(Unsafe.Add(ref cells, (nint)(key >> LowBits)) + (key & 0xFFFF) >> LowBits);
        }

        return scale;
    }

    private static float LargestMagnitude(ReadOnlySpan<float> values)
    {
        ref float v = ref MemoryMarshal.GetReference(values);
        Vector<float> vectors = Vector<float>.Zero;
        int i = 0;
        for (; i <= values.Length - Vector<float>.Count; i += Vector<float>.Count)
        {
            vectors = Vector.Max(vectors, Vector.Abs(Vector.LoadUnsafe(ref v, (nuint)i)));
        }

        float largest = 0;
        for (int lane = 0; lane < Vector<float>.Count; lane++)
        {
            largest = MathF.Max(largest, vectors[lane]);
        }

        for (; i < values.Length; i++)
        {
            largest = MathF.Max(largest, MathF.Abs(values[i]));
        }

        return largest;
    }

    // Replaces each value by the key of the value times a factor.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void ToKeys(Span<float> values, float factor)
    {
        ref float v = ref MemoryMarshal.GetReference(values);
        Vector<int> smallest = new(_smallest), one = new(One), origin = new(_origin), signs = new(_signs), magnitude = new(int.MaxValue);
        int i = 0;
        for (; i <= values.Length - Vector<int>.Count; i += Vector<int>.Count)
        {
            Vector<int> bits = (Vector.LoadUnsafe(ref v, (nuint)i) * factor).As<float, int>();
            Vector<int> distance = Vector.Min(Vector.Max(bits & magnitude, smallest), one) - smallest;
            (origin + (distance ^ (Vector.LessThan(bits, Vector<int>.Zero) & signs))).As<int, float>().StoreUnsafe(ref v, (nuint)i);
        }

        for (; i < values.Length; i++)
        {
            Unsafe.Add(ref v, i) = BitConverter.Int32BitsToSingle(KeyOf(Unsafe.Add(ref v, i) * factor));
        }
    }

    // The key of a number from −1 to 1. Keys ascend with the numbers, and are below the number of cells times 2¹⁶ for every argument, including NaN.
    // If there are no negative codes, the sign is ignored.
    private int KeyOf(float number)
    {
        int bits = BitConverter.SingleToInt32Bits(number);
        int distance = Math.Clamp(bits & int.MaxValue, _smallest, One) - _smallest;
        return _origin + (distance ^ bits >> 31 & _signs);
    }
}
