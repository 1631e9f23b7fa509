using System.Diagnostics;
using System.Numerics.Tensors;

namespace Llama2.Sampling;

/// <summary>
/// The tokens that may still be chosen, with their logits. The order of the sorted list is total: higher logits first, lower ids first
/// among equal ones. All buffers that choosing a token needs are here and are made once, so that a thread needs one object for all the
/// sequences whose tokens it chooses one after the other. Not thread-safe.
/// </summary>
/// <param name="vocabularySize">Tokens in the vocabulary.</param>
internal sealed class Candidates(int vocabularySize)
{
    private readonly float[] _logits = new float[vocabularySize];
    private readonly int[] _ids = new int[vocabularySize];
    private readonly float[] _weights = new float[vocabularySize];
    private readonly ulong[] _keys = new ulong[vocabularySize];
    private ulong[]? _sortedKeys;
    private int[]? _counts;

    /// <summary>Tokens in the vocabulary.</summary>
    public int VocabularySize => _logits.Length;

    /// <summary>Candidates left.</summary>
    public int Count { get; private set; }

    /// <summary>Whether nothing was dropped or moved yet: candidate i is token i.</summary>
    public bool IsWhole { get; private set; }

    /// <summary>Whether the candidates are in order.</summary>
    public bool IsSorted { get; private set; }

    /// <summary>One logit a candidate; finite, or negative infinity for a token that is banned. Writers keep a sorted list in order.</summary>
    public Span<float> Logits => _logits.AsSpan(0, Count);

    /// <summary>The highest logit.</summary>
    public float MaxLogit => IsSorted ? _logits[0] : TensorPrimitives.Max<float>(Logits);

    /// <summary>One number a token of the vocabulary, for steps that count; all zero, and to be left so.</summary>
    public Span<int> Counts => _counts ??= new int[VocabularySize];

    /// <summary>The bytes that the buffers take for each token of the vocabulary, if all of them are used.</summary>
    public static int ByteSizePerToken => 2 * sizeof(float) + 2 * sizeof(int) + 2 * sizeof(ulong);

    /// <summary>The token of a candidate.</summary>
    public int Id(int index) => IsWhole ? index : _ids[index];

    /// <summary>Starts anew with every token of the vocabulary.</summary>
    public void Load(ReadOnlySpan<float> logits)
    {
        logits.CopyTo(_logits);
        (Count, IsWhole, IsSorted) = (_logits.Length, true, false);
    }

    /// <summary>Probabilities times an unknown factor: exp(logit - highest logit), so about 1 for the likeliest. Valid until the next call.</summary>
    public ReadOnlySpan<float> ComputeWeights(out double sum)
    {
        Span<float> weights = _weights.AsSpan(0, Count);
        sum = SoftmaxNumerators.Compute(Logits, MaxLogit, weights);
        return weights;
    }

    /// <summary>The same for all tokens of the vocabulary, whatever candidates are left: of logits as the model gave them.</summary>
    public double ComputeSum(ReadOnlySpan<float> logits, float maxLogit) => SoftmaxNumerators.Compute(logits, maxLogit, _weights);

    /// <summary>Two buffers of keys, one a candidate, for steps that sort by a measure of their own. Valid until candidates are sorted.</summary>
    public void RentKeys(out Span<ulong> keys, out Span<ulong> sortedKeys)
    {
        keys = _keys.AsSpan(0, Count);
        sortedKeys = (_sortedKeys ??= new ulong[VocabularySize]).AsSpan(0, Count);
    }

    /// <summary>The entropy in nats: the expected -log probability. Of the weights and the sum that <see cref="ComputeWeights"/> gave.</summary>
    public double ComputeEntropy(ReadOnlySpan<float> weights, double sum)
    {
        double logSum = MaxLogit + Math.Log(sum), entropy = 0;
        for (int i = 0; i < weights.Length; i++)
            entropy += weights[i] / sum * (logSum - _logits[i]);
        return entropy;
    }

    /// <summary>Puts the candidates in order.</summary>
    public void Sort() => KeepHighest(Count);

    /// <summary>Keeps the first <paramref name="count"/> in order, and puts them in order.</summary>
    public void KeepHighest(int count)
    {
        if (!IsSorted)
            Restore(SelectKeys(Math.Min(count, Count)));
        KeepFirst(Math.Min(count, Count));
    }

    /// <summary>Keeps the first <paramref name="count"/> of a sorted list.</summary>
    public void KeepFirst(int count)
    {
        Debug.Assert(IsSorted && count <= Count);
        Count = count;
    }

    /// <summary>Keeps the candidate at an index and those after it in order; of a list that is not sorted, as if it were.</summary>
    public void KeepFrom(int index)
    {
        float highest = _logits[index];
        int kept = 0;
        for (int i = 0; i < Count; i++)
        {
            // Of equals the lower index has the lower id, in a sorted list too.
            if (_logits[i] < highest || (_logits[i] == highest && i >= index))
                Move(i, kept++);
        }

        (Count, IsWhole) = (kept, false);
    }

    /// <summary>Keeps the candidates whose logit is not below <paramref name="logit"/>, in the order they are in.</summary>
    public void KeepAtLeast(float logit)
    {
        int kept = 0;
        for (int i = 0; i < Count; i++)
        {
            if (_logits[i] >= logit)
                Move(i, kept++);
        }

        (Count, IsWhole) = (kept, false);
    }

    /// <summary>Keeps the candidates whose key, of one key a candidate, is not above <paramref name="limit"/>, in the order they are in.</summary>
    public void KeepAtMost(ReadOnlySpan<ulong> keys, ulong limit)
    {
        int kept = 0;
        for (int i = 0; i < Count; i++)
        {
            if (keys[i] <= limit)
                Move(i, kept++);
        }

        (Count, IsWhole) = (kept, false);
    }

    private void Move(int from, int to)
    {
        _ids[to] = Id(from);
        _logits[to] = _logits[from];
    }

    // A buffer of four times the wanted count fills with what may belong to the highest; when full, it is sorted and its tail dropped, and
    // what follows must beat its last. Of 32,000 logits in random order some 400 enter the buffer for a count of 40.
    private Span<ulong> SelectKeys(int count)
    {
        int capacity = (int)Math.Min(4L * count, Count), filled = 0;
        ulong lastKey = ulong.MaxValue;
        float lastLogit = float.NegativeInfinity;
        for (int i = 0; i < Count; i++)
        {
            if (_logits[i] < lastLogit)
                continue;
            ulong key = Key(_logits[i], Id(i));
            if (key > lastKey)
                continue;
            _keys[filled++] = key;
            if (filled == capacity && i + 1 < Count)
            {
                _keys.AsSpan(0, filled).Sort();
                filled = count;
                lastKey = _keys[count - 1];
                lastLogit = Logit(lastKey);
            }
        }

        Span<ulong> keys = _keys.AsSpan(0, filled);
        keys.Sort();
        return keys[..count];
    }

    private void Restore(ReadOnlySpan<ulong> keys)
    {
        for (int i = 0; i < keys.Length; i++)
        {
            _logits[i] = Logit(keys[i]);
            _ids[i] = (int)(uint)keys[i];
        }

        (Count, IsWhole, IsSorted) = (keys.Length, false, true);
    }

    // Keys ascend as logits descend, then as ids ascend. The bits of a float, its sign flipped, ascend with it if it is positive and
    // descend if negative; adding zero makes -0 equal 0.
    private static ulong Key(float logit, int id)
    {
        uint bits = BitConverter.SingleToUInt32Bits(logit + 0f);
        uint descending = (int)bits < 0 ? bits : bits ^ 0x7FFF_FFFF;
        return (ulong)descending << 32 | (uint)id;
    }

    private static float Logit(ulong key)
    {
        uint descending = (uint)(key >> 32);
        return BitConverter.UInt32BitsToSingle((int)descending < 0 ? descending : descending ^ 0x7FFF_FFFF);
    }
}
