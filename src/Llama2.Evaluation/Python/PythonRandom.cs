using System.Numerics;

namespace Llama2.Evaluation.Python;

/// <summary>
/// Python's <c>random.Random</c>: the Mersenne Twister (Matsumoto and Nishimura 1998), seeded with an integer, and CPython's algorithm of
/// <c>sample</c>. Gives the same samples as Python 3.11 and later. Not thread-safe.
/// </summary>
internal sealed class PythonRandom
{
    private const int StateLength = 624, Shift = 397;
    private readonly uint[] _state = new uint[StateLength];
    private int _position = StateLength;

    /// <param name="seed">The seed; its sign is ignored, as in Python.</param>
    public PythonRandom(long seed)
    {
        ulong magnitude = seed < 0 ? (ulong)-(seed + 1) + 1 : (ulong)seed;
        uint[] key = magnitude > uint.MaxValue ? [(uint)magnitude, (uint)(magnitude >> 32)] : [(uint)magnitude];
        Initialize(key);
    }

    /// <summary>Chooses different indices, in random order.</summary>
    /// <param name="populationCount">The number of items from which the sample is drawn.</param>
    /// <param name="count">The number of indices, at most <paramref name="populationCount"/>.</param>
    public int[] Sample(int populationCount, int count)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, populationCount);
        var result = new int[count];
        // Like CPython: a pool if it is not much larger than a set of the chosen indices.
        double setSize = 21;
        if (count > 5)
            setSize += Math.Pow(4, Math.Ceiling(Math.Log(count * 3, 4)));
        if (populationCount <= setSize)
        {
            int[] pool = [.. Enumerable.Range(0, populationCount)];
            for (int i = 0; i < count; i++)
            {
                int index = Below(populationCount - i);
                result[i] = pool[index];
                pool[index] = pool[populationCount - i - 1];
            }

            return result;
        }

        var chosen = new HashSet<int>();
        for (int i = 0; i < count; i++)
        {
            int index = Below(populationCount);
            while (!chosen.Add(index))
                index = Below(populationCount);
            result[i] = index;
        }

        return result;
    }

    // CPython's _randbelow_with_getrandbits: draws as many bits as the bound has, until the number is below the bound.
    private int Below(int bound)
    {
        int bitCount = 32 - BitOperations.LeadingZeroCount((uint)bound);
        uint number = Next() >> (32 - bitCount);
        while (number >= bound)
            number = Next() >> (32 - bitCount);
        return (int)number;
    }

    private uint Next()
    {
        if (_position == StateLength)
            Generate();
        uint value = _state[_position++];
        value ^= value >> 11;
        value ^= (value << 7) & 0x9d2c5680;
        value ^= (value << 15) & 0xefc60000;
        return value ^ (value >> 18);
    }

    private void Generate()
    {
        for (int i = 0; i < StateLength; i++)
        {
            uint bits = (_state[i] & 0x80000000) | (_state[(i + 1) % StateLength] & 0x7fffffff);
            _state[i] = _state[(i + Shift) % StateLength] ^ (bits >> 1) ^ ((bits & 1) == 0 ? 0 : 0x9908b0df);
        }

        _position = 0;
    }

    // init_by_array of the reference implementation.
    private void Initialize(uint[] key)
    {
        _state[0] = 19650218;
        for (int n = 1; n < StateLength; n++)
            _state[n] = (1812433253 * (_state[n - 1] ^ (_state[n - 1] >> 30))) + (uint)n;
        int i = 1, j = 0;
        for (int k = StateLength; k > 0; k--)
        {
            _state[i] = (_state[i] ^ ((_state[i - 1] ^ (_state[i - 1] >> 30)) * 1664525)) + key[j] + (uint)j;
            Advance(ref i);
            j = (j + 1) % key.Length;
        }

        for (int k = StateLength - 1; k > 0; k--)
        {
            _state[i] = (_state[i] ^ ((_state[i - 1] ^ (_state[i - 1] >> 30)) * 1566083941)) - (uint)i;
            Advance(ref i);
        }

        _state[0] = 0x80000000;
    }

    private void Advance(ref int i)
    {
        if (++i < StateLength)
            return;
        _state[0] = _state[StateLength - 1];
        i = 1;
    }
}
