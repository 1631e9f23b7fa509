using System.Numerics.Tensors;

namespace Llama2.Sampling;

/// <summary>The model's own distribution over the vocabulary: the log-softmax of unmodified logits. Not thread-safe.</summary>
/// <param name="vocabularySize">The number of tokens in the vocabulary.</param>
/// <param name="topCount">
/// The number of likeliest tokens that <see cref="Top"/> returns. If the vocabulary has fewer tokens, <see cref="Top"/> returns all of them.
/// </param>
internal sealed class LogProbabilities(int vocabularySize, int topCount)
{
    private readonly int[] _top = new int[Math.Min(topCount, vocabularySize)];

    // The logits of the tokens in _top, in the same order.
    private readonly float[] _topLogits = new float[Math.Min(topCount, vocabularySize)];
    private float _highest;
    private double _logSum;

    /// <summary>Loads logits, one finite value for each token.</summary>
    /// <param name="logits">The logits.</param>
    /// <param name="buffers">Provides a buffer; its candidates are not changed.</param>
    public void Load(ReadOnlySpan<float> logits, TokenCandidates buffers)
    {
        _highest = TensorPrimitives.Max(logits);
        _logSum = Math.Log(buffers.ComputeSum(logits, _highest));
        if (_top.Length > 0)
            SelectTop(logits);
    }

    /// <summary>The natural logarithm of the probability of a token with the given logit. It is always finite.</summary>
    public float Of(float logit) => (float)Math.Clamp((double)logit - _highest - _logSum, float.MinValue, 0);

    /// <summary>Creates an array of the likeliest tokens, in descending order of probability. Among equally likely tokens, lower ids come first.</summary>
    public TokenLogProbability[] Top()
    {
        var top = new TokenLogProbability[_top.Length];
        for (int i = 0; i < top.Length; i++)
            top[i] = new TokenLogProbability(_top[i], Of(_topLogits[i]));
        return top;
    }

    // Inserts each token into the short list of the best tokens so far, if it belongs there. Of 32,000 logits in random order, about 150 are inserted
    // into a list of the best 20.
    private void SelectTop(ReadOnlySpan<float> logits)
    {
        int count = 0;
        for (int id = 0; id < logits.Length; id++)
        {
            float logit = logits[id];
            if (count == _top.Length && logit <= _topLogits[count - 1])
                continue;
            int place = count < _top.Length ? count++ : count - 1;
            for (; place > 0 && _topLogits[place - 1] < logit; place--)
                (_top[place], _topLogits[place]) = (_top[place - 1], _topLogits[place - 1]);
            (_top[place], _topLogits[place]) = (id, logit);
        }
    }
}
