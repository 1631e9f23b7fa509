using Llama2.Training.Model;

namespace Llama2.Training.Objectives;

/// <summary>
/// Puts each answer of a step after another sample's prompt, as TRL's KTO trainer does: the prompt of a sample is followed by the answer of the sample before
/// it, and the first prompt by the last answer. If a step has only one sample, the answer of the previous sample of the data is used. A sample that would be
/// longer than the context or a batch is truncated; TRL truncates to its maximum length.
/// </summary>
internal sealed class MismatchedAnswers
{
    private readonly IReadOnlyList<TrainingSample> _samples;
    private readonly int _contextLength;
    private readonly int[] _starts, _before;
    private int[] _tokens = [];
    private float[] _weights = [];

    /// <param name="samples">The samples.</param>
    /// <param name="lengths">The number of tokens of each sample that take a place in a batch; 0 for a sample that is omitted.</param>
    /// <param name="contextLength">The maximum number of positions of a sample.</param>
    public MismatchedAnswers(IReadOnlyList<TrainingSample> samples, int[] lengths, int contextLength)
    {
        _samples = samples;
        _contextLength = contextLength;
        _starts = [.. samples.Select((sample, index) => lengths[index] > 0 ? sample.LossMask.Span[1..].IndexOf(true) + 1 : 0)];
        _before = new int[lengths.Length];
        int before = Array.FindLastIndex(lengths, length => length > 0);
        for (int i = 0; i < lengths.Length; i++)
        {
            _before[i] = before;
            before = lengths[i] > 0 ? i : before;
        }
    }

    /// <summary>Fills a batch with as many prompts of samples as fit, each followed by another sample's answer.</summary>
    /// <param name="batch">The batch.</param>
    /// <param name="samples">The samples of the step.</param>
    /// <param name="first">The first of them whose prompt is added.</param>
    /// <returns>The first that was not added; at least one was.</returns>
    public int Fill(TokenBatch batch, ReadOnlySpan<int> samples, int first)
    {
        batch.Clear();
        int next = first;
        while (next < samples.Length && TryAdd(batch, samples[next], samples.Length == 1 ? _before[samples[0]] : samples[next == 0 ? ^1 : next - 1]))
        {
            next++;
        }

        return next;
    }

    private bool TryAdd(TokenBatch batch, int prompt, int answer)
    {
        ReadOnlySpan<int> before = _samples[prompt].Tokens.Span[.._starts[prompt]], after = _samples[answer].Tokens.Span[_starts[answer]..];
        int length = Math.Min(before.Length + after.Length, Math.Min(_contextLength, batch.Capacity) + 1);
        if (_tokens.Length < length)
        {
            (_tokens, _weights) = (new int[length], new float[length]);
        }

        before.CopyTo(_tokens);
        after[..(length - before.Length)].CopyTo(_tokens.AsSpan(before.Length));
        ReadOnlySpan<bool> mask = _samples[answer].LossMask.Span[_starts[answer]..];
        _weights.AsSpan(0, before.Length).Clear();
        for (int i = before.Length; i < length; i++)
        {
            _weights[i] = mask[i - before.Length] ? 1 : 0;
        }

        return batch.TryAdd(_tokens.AsSpan(0, length), _weights.AsSpan(0, length));
    }
}
