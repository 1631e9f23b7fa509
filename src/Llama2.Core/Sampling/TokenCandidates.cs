using System.Diagnostics;
using System.Globalization;
using System.Numerics;
using System.Numerics.Tensors;
using Llama2.Sampling;

namespace Llama2;

/// <summary>
/// The tokens that may still be chosen, with their logits: the data that an <see cref="ILogitProcessor"/> changes. At first the candidates are the
/// whole vocabulary in the order of the ids; processors that drop candidates may reorder the others. Not thread-safe.
/// </summary>
/// <remarks>
/// An object contains all buffers that are needed to choose a token; the buffers are allocated once. The library has one object for each of its
/// threads, and uses this object for many generations, one after the other. A processor must therefore not keep a reference to the object.
/// </remarks>
public sealed class TokenCandidates
{
    private readonly float[] _logits;
    private readonly int[] _ids;
    private readonly float[] _weights;
    private readonly ulong[] _keys;
    private ulong[]? _sortedKeys;
    private int[]? _counts;

    /// <summary>
    /// Allocates the buffers for a vocabulary, without any candidates. The library creates these objects itself; tests of processors may create one.
    /// </summary>
    /// <param name="vocabularySize">The number of tokens in the vocabulary, 1 or more.</param>
    /// <exception cref="ArgumentOutOfRangeException">The number is less than 1.</exception>
    public TokenCandidates(int vocabularySize)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(vocabularySize, 1);
        _logits = new float[vocabularySize];
        _ids = new int[vocabularySize];
        _weights = new float[vocabularySize];
        _keys = new ulong[vocabularySize];
    }

    /// <summary>The number of tokens in the vocabulary.</summary>
    public int VocabularySize => _logits.Length;

    /// <summary>The number of remaining candidates.</summary>
    public int Count { get; private set; }

    /// <summary>
    /// The logit of each candidate, which a processor may change: finite, or negative infinity to ban the token. As long as no processor has dropped
    /// candidates, the index of a logit is the token's id. Valid until candidates are dropped.
    /// </summary>
    public Span<float> Logits => _logits.AsSpan(0, Count);

    /// <summary>The highest logit of the candidates. There must be at least one candidate.</summary>
    public float MaxLogit => IsSorted ? _logits[0] : TensorPrimitives.Max<float>(Logits);

    /// <summary>Whether no candidate has been dropped or moved yet, so that candidate i is token i.</summary>
    internal bool IsWhole { get; private set; }

    /// <summary>
    /// Whether the candidates are in order: higher logits first, lower ids first among equal logits. Built-in processors that write logits keep the
    /// order.
    /// </summary>
    internal bool IsSorted { get; private set; }

    /// <summary>
    /// One number for each token of the vocabulary, for steps that count tokens. All numbers are zero when a step begins, and the step must set them
    /// to zero again before it ends.
    /// </summary>
    internal Span<int> Counts => _counts ??= new int[VocabularySize];

    /// <summary>The size of the buffers in bytes for each token of the vocabulary, if all buffers are used.</summary>
    internal static int ByteSizePerToken => 2 * sizeof(float) + 2 * sizeof(int) + 2 * sizeof(ulong);

    /// <summary>The id of a candidate's token.</summary>
    /// <param name="index">The candidate, 0 … <see cref="Count"/> − 1.</param>
    public int TokenAt(int index) => IsWhole ? index : _ids[index];

    /// <summary>Starts again with every token of the vocabulary.</summary>
    /// <param name="logits">One logit for each token; copied.</param>
    public void Load(ReadOnlySpan<float> logits)
    {
        logits.CopyTo(_logits);
        (Count, IsWhole, IsSorted) = (_logits.Length, true, false);
    }

    /// <summary>
    /// Unnormalized probabilities: exp(logit − highest logit), so about 1 for the likeliest candidate. Valid until this method is called again.
    /// </summary>
    public ReadOnlySpan<float> ComputeWeights(out double sum)
    {
        Span<float> weights = _weights.AsSpan(0, Count);
        sum = SoftmaxNumerators.Compute(Logits, MaxLogit, weights);
        return weights;
    }

    /// <summary>
    /// The sum of exp(logit − highest logit) over all tokens of the vocabulary, whatever candidates remain. It is computed from the model's own logits.
    /// </summary>
    internal double ComputeSum(ReadOnlySpan<float> logits, float maxLogit) => SoftmaxNumerators.Compute(logits, maxLogit, _weights);

    /// <summary>
    /// Two buffers of keys, one key for each candidate, for steps that do not sort by the logit. Valid until candidates are sorted.
    /// </summary>
    internal void RentKeys(out Span<ulong> keys, out Span<ulong> sortedKeys)
    {
        keys = _keys.AsSpan(0, Count);
        sortedKeys = (_sortedKeys ??= new ulong[VocabularySize]).AsSpan(0, Count);
    }

    /// <summary>The entropy in nats (the expected −log probability), from the weights and the sum that <see cref="ComputeWeights"/> returned.</summary>
    internal double ComputeEntropy(ReadOnlySpan<float> weights, double sum)
    {
        double logSum = MaxLogit + Math.Log(sum), entropy = 0;
        for (int i = 0; i < weights.Length; i++)
            entropy += weights[i] / sum * (logSum - _logits[i]);
        return entropy;
    }

    /// <summary>Sorts the candidates: higher logits first, lower ids first among equal logits.</summary>
    public void Sort()
    {
        if (Count > 0)
        {
            KeepHighest(Count);
        }
    }

    /// <summary>Keeps the candidates with the highest logits, and sorts them: higher logits first, lower ids first among equal logits.</summary>
    /// <param name="count">How many candidates to keep, 1 or more. If there are fewer candidates, all of them are kept.</param>
    /// <exception cref="ArgumentOutOfRangeException">The number is less than 1.</exception>
    public void KeepHighest(int count)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        if (!IsSorted)
            Restore(SelectKeys(Math.Min(count, Count)));
        KeepFirst(Math.Min(count, Count));
    }

    /// <summary>Keeps the first <paramref name="count"/> candidates of a sorted list.</summary>
    internal void KeepFirst(int count)
    {
        Debug.Assert(IsSorted && count <= Count);
        Count = count;
    }

    /// <summary>Keeps the candidate at an index, and all candidates that come after it in sorted order. The list itself need not be sorted.</summary>
    internal void KeepFrom(int index)
    {
        float highest = _logits[index];
        int kept = 0;
        for (int i = 0; i < Count; i++)
        {
            // Among equal logits, the lower index has the lower id, whether or not the list is sorted.
            if (_logits[i] < highest || (_logits[i] == highest && i >= index))
                Move(i, kept++);
        }

        (Count, IsWhole) = (kept, false);
    }

    /// <summary>Keeps the candidates whose logit is not below <paramref name="logit"/>, in their present order.</summary>
    /// <param name="logit">The limit. If a processor calls this method, the limit must be at most <see cref="MaxLogit"/>, so that a candidate remains.</param>
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

    /// <summary>Keeps the candidates whose key is at most <paramref name="limit"/>, in their present order. There is one key for each candidate.</summary>
    internal void KeepAtMost(ReadOnlySpan<ulong> keys, ulong limit)
    {
        int kept = 0;
        for (int i = 0; i < Count; i++)
        {
            if (keys[i] <= limit)
                Move(i, kept++);
        }

        (Count, IsWhole) = (kept, false);
    }

    /// <summary>Bans every token whose bit is not set: bit i mod 64 of number i / 64 belongs to token i. No candidate may have been dropped before.</summary>
    internal void Ban(ReadOnlySpan<ulong> allowed)
    {
        Debug.Assert(IsWhole);
        // Most numbers allow all of their tokens, or none.
        for (int first = 0; first < _logits.Length; first += 64)
        {
            Span<float> logits = _logits.AsSpan(first, Math.Min(64, _logits.Length - first));
            ulong banned = ~allowed[first >> 6];
            if (banned == ulong.MaxValue)
            {
                logits.Fill(float.NegativeInfinity);
                continue;
            }

            for (; banned != 0 && BitOperations.TrailingZeroCount(banned) < logits.Length; banned &= banned - 1)
                logits[BitOperations.TrailingZeroCount(banned)] = float.NegativeInfinity;
        }
    }

    /// <summary>Called after a processor that may have written any logits: from then on, the candidates count as unsorted. Checks the logits.</summary>
    /// <param name="processor">The processor.</param>
    /// <exception cref="NumericalException">A logit is NaN or positive infinity, or all remaining candidates are banned.</exception>
    internal void Verify(ILogitProcessor processor)
    {
        IsSorted = false;
        int invalid = LogitScan.FirstInvalid(Logits);
        if (invalid < Count)
        {
            throw new NumericalException(
                string.Create(CultureInfo.InvariantCulture, $"The logit processor {processor.GetType().FullName} made the logit of token {TokenAt(invalid)} {_logits[invalid]}. A logit must be finite, or negative infinity to ban the token."),
                TokenAt(invalid),
                _logits[invalid]);
        }

        if (LogitScan.FirstNotBelow(Logits, 0, float.MinValue) == Count)
        {
            throw new NumericalException($"The logit processor {processor.GetType().FullName} banned or dropped every token. It must leave one.", tokenId: null, float.NegativeInfinity);
        }
    }

    private void Move(int from, int to)
    {
        _ids[to] = TokenAt(from);
        _logits[to] = _logits[from];
    }

    // A buffer of four times the requested count collects the candidates that may be among those with the highest logits. When the buffer is full, it
    // is sorted, and only the requested count is kept; later candidates enter only if they exceed the last candidate that was kept. For a count of
    // 40, about 400 of 32,000 logits in random order enter the buffer.
    private Span<ulong> SelectKeys(int count)
    {
        int capacity = (int)Math.Min(4L * count, Count), filled = 0;
        ulong lastKey = ulong.MaxValue;
        float lastLogit = float.NegativeInfinity;
        for (int i = 0; i < Count; i++)
        {
            if (_logits[i] < lastLogit && (i = LogitScan.FirstNotBelow(Logits, i, lastLogit)) == Count)
                break;
            ulong key = Key(_logits[i], TokenAt(i));
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

    // Keys ascend as logits descend. Among equal logits, keys ascend as ids ascend. The bits of a positive float ascend with its value, so all its
    // bits except the sign bit are flipped. The bits of a negative float already ascend as its value descends. Adding zero makes −0 equal to 0.
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
