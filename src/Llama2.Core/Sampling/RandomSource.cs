using System.Numerics;

namespace Llama2.Sampling;

/// <summary>
/// Seeded random numbers that are the same on all machines and in all versions of .NET; <see cref="Random"/> does not guarantee this. Not thread-safe.
/// </summary>
internal sealed class RandomSource
{
    // xoshiro256**, Blackman and Vigna 2021, "Scrambled linear pseudorandom number generators" (ACM TOMS 47, 4; arXiv 1805.01407).
    private ulong _state0, _state1, _state2, _state3;

    /// <summary>Fills the state from a seed with SplitMix64, as the paper recommends, so that any seed may be used, including 0.</summary>
    public RandomSource(ulong seed)
        : this(SplitMix64(ref seed), SplitMix64(ref seed), SplitMix64(ref seed), SplitMix64(ref seed))
    {
    }

    /// <summary>Starts from a given state, which must not be all zero.</summary>
    public RandomSource(ulong state0, ulong state1, ulong state2, ulong state3)
    {
        (_state0, _state1, _state2, _state3) = (state0, state1, state2, state3);
    }

    /// <summary>64 random bits.</summary>
    public ulong NextUInt64()
    {
        ulong result = BitOperations.RotateLeft(_state1 * 5, 7) * 9;
        ulong shifted = _state1 << 17;
        _state2 ^= _state0;
        _state3 ^= _state1;
        _state1 ^= _state2;
        _state0 ^= _state3;
        _state2 ^= shifted;
        _state3 = BitOperations.RotateLeft(_state3, 45);
        return result;
    }

    /// <summary>A number from 0 (included) to 1 (excluded), a multiple of 2⁻⁵³.</summary>
    public double NextDouble() => (NextUInt64() >> 11) * (1.0 / (1ul << 53));

    // Steele, Lea and Flood 2014, "Fast splittable pseudorandom number generators" (OOPSLA).
    private static ulong SplitMix64(ref ulong state)
    {
        state += 0x9E37_79B9_7F4A_7C15;
        ulong mixed = state;
        mixed = (mixed ^ (mixed >> 30)) * 0xBF58_476D_1CE4_E5B9;
        mixed = (mixed ^ (mixed >> 27)) * 0x94D0_49BB_1331_11EB;
        return mixed ^ (mixed >> 31);
    }
}
