using System.Numerics.Tensors;

namespace Llama2.Sampling;

/// <summary>The model's own distribution over the vocabulary: log-softmax of the logits as given. Not thread-safe.</summary>
/// <param name="vocabularySize">Tokens in the vocabulary.</param>
/// <param name="topCount">Likeliest tokens that <see cref="Top"/> returns, at most as many as there are.</param>
internal sealed class LogProbabilities(int vocabularySize, int topCount)
{
    private readonly int[] _top = new int[Math.Min(topCount, vocabularySize)];

    // The logits of _top, in the same order.
    private readonly float[] _topLogits = new float[Math.Min(topCount, vocabularySize)];
    private float _highest;
    private double _logSum;

    /// <summary>Takes finite logits, one a token.</summary>
    /// <param name="logits">The logits.</param>
    /// <param name="buffers">Lends a buffer; its candidates stay as they are.</param>
    public void Load(ReadOnlySpan<float> logits, TokenCandidates buffers)
    {
        _highest = TensorPrimitives.Max(logits);
        _logSum = Math.Log(buffers.ComputeSum(logits, _highest));
        if (_top.Length > 0)
            SelectTop(logits);
    }

    /// <summary>The natural log of the probability of a token with a logit; finite.</summary>
    public float Of(float logit) => (float)Math.Clamp((double)logit - _highest - _logSum, float.MinValue, 0);

    /// <summary>The likeliest tokens, likeliest first, lower ids first among equals; a new array.</summary>
    public TokenLogProbability[] Top()
    {
        var top = new TokenLogProbability[_top.Length];
        for (int i = 0; i < top.Length; i++)
            top[i] = new TokenLogProbability(_top[i], Of(_topLogits[i]));
        return top;
    }

    // Insertion into the few kept so far: of 32,000 logits in random order some 150 enter the best 20.
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
