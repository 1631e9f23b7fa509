namespace Llama2.Evaluation;

/// <summary>
/// Perplexities by lm-evaluation-harness's definitions: every token is scored once, and the sum of the log-probabilities is divided by the number of
/// words, bytes or tokens of the text.
/// </summary>
/// <param name="LogProbability">The natural logarithm of the text's probability.</param>
/// <param name="TokenCount">The number of tokens of the text, all of which are scored.</param>
/// <param name="WordCount">The number of words of the text, separated by white space.</param>
/// <param name="ByteCount">The size of the text in UTF-8, in bytes.</param>
public sealed record RollingPerplexity(double LogProbability, long TokenCount, long WordCount, long ByteCount)
{
    /// <summary>e to the power of the negative log-probability per word (<c>word_perplexity</c>).</summary>
    public double WordPerplexity => Math.Exp(-LogProbability / WordCount);

    /// <summary>e to the power of the negative log-probability per byte (<c>byte_perplexity</c>).</summary>
    public double BytePerplexity => Math.Exp(-LogProbability / ByteCount);

    /// <summary>The number of bits needed to encode a byte of the text (<c>bits_per_byte</c>).</summary>
    public double BitsPerByte => -LogProbability / (ByteCount * Math.Log(2));

    /// <summary>e to the power of the negative log-probability per token. It can be compared only between models with the same vocabulary.</summary>
    public double TokenPerplexity => Math.Exp(-LogProbability / TokenCount);
}
