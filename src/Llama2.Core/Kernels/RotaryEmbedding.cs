using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Llama2.Kernels;

/// <summary>
/// Rotary position embedding, Su et al. 2021 (arXiv 2104.09864) §3.4.2. Neighbouring elements form a pair, as in Meta's and GGUF files: pair i of a
/// head is rotated by the angle position · frequency i, and multiplied by <see cref="RopeFrequencies.Magnitude"/>.
/// </summary>
internal sealed class RotaryEmbedding(RopeFrequencies frequencies)
{
    private readonly double[] _frequencies = frequencies.Values;
    private readonly double _magnitude = frequencies.Magnitude;

    /// <summary>The number of elements of a head.</summary>
    public int HeadLength => 2 * _frequencies.Length;

    /// <summary>The number of floats of one position's rotation, as <see cref="Prepare"/> writes them.</summary>
    public int RotationLength => 2 * HeadLength;

    /// <summary>
    /// Computes the rotation of one position: the cosine for each element, then for each element the sine by which its neighbour is multiplied.
    /// </summary>
    /// <param name="position">The position in the sequence.</param>
    /// <param name="rotation">Receives <see cref="RotationLength"/> floats.</param>
    public void Prepare(int position, Span<float> rotation)
    {
        for (int i = 0; i < _frequencies.Length; i++)
        {
            (double sine, double cosine) = Math.SinCos(position * _frequencies[i]);
            rotation[2 * i] = rotation[2 * i + 1] = (float)(cosine * _magnitude);
            rotation[HeadLength + 2 * i + 1] = (float)(sine * _magnitude);
            rotation[HeadLength + 2 * i] = -rotation[HeadLength + 2 * i + 1];
        }
    }

    /// <summary>Rotates all heads of one position in place.</summary>
    /// <param name="heads">Any number of heads, side by side.</param>
    /// <param name="rotation">The result of <see cref="Prepare"/> for the position.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Rotate(Span<float> heads, ReadOnlySpan<float> rotation)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(heads.Length % HeadLength, 0);
        ArgumentOutOfRangeException.ThrowIfLessThan(rotation.Length, RotationLength);
        ref float cosines = ref MemoryMarshal.GetReference(rotation);
        ref float sines = ref Unsafe.Add(ref cosines, HeadLength);
        int whole = HeadLength / 4 * 4;
        for (int start = 0; start < heads.Length; start += HeadLength)
        {
            ref float head = ref Unsafe.Add(ref MemoryMarshal.GetReference(heads), start);
            for (int i = 0; i < whole; i += 4)
            {
                var value = Vector128.LoadUnsafe(ref head, (nuint)i);
                Vector128<float> neighbour = Vector128.Shuffle(value, Vector128.Create(1, 0, 3, 2));
                (value * Vector128.LoadUnsafe(ref cosines, (nuint)i) + neighbour * Vector128.LoadUnsafe(ref sines, (nuint)i)).StoreUnsafe(ref head, (nuint)i);
            }

            // The last pair, if the head length is 2 more than a multiple of 4.
            for (int i = whole; i < HeadLength; i += 2)
            {
                (float even, float odd) = (Unsafe.Add(ref head, i), Unsafe.Add(ref head, i + 1));
                Unsafe.Add(ref head, i) = even * Unsafe.Add(ref cosines, i) + odd * Unsafe.Add(ref sines, i);
                Unsafe.Add(ref head, i + 1) = odd * Unsafe.Add(ref cosines, i + 1) + even * Unsafe.Add(ref sines, i + 1);
            }
        }
    }
}
