namespace Llama2.Evaluation;

/// <summary>Perplexities by lm-evaluation-harness's definitions: every token is scored once, and the sum is divided by what the text has of a unit.</summary>
/// <param name="LogProbability">The natural log of the text's probability.</param>
/// <param name="TokenCount">Tokens of the text, all of them scored.</param>
/// <param name="WordCount">Words of the text, which white space ends.</param>
/// <param name="ByteCount">Bytes of the text in UTF-8.</param>
public sealed record RollingPerplexity(double LogProbability, long TokenCount, long WordCount, long ByteCount)
{
    /// <summary>e to the negative log-probability a word (<c>word_perplexity</c>).</summary>
    public double WordPerplexity => Math.Exp(-LogProbability / WordCount);

    /// <summary>e to the negative log-probability a byte (<c>byte_perplexity</c>).</summary>
    public double BytePerplexity => Math.Exp(-LogProbability / ByteCount);

    /// <summary>Bits that coding a byte takes (<c>bits_per_byte</c>).</summary>
    public double BitsPerByte => -LogProbability / (ByteCount * Math.Log(2));

    /// <summary>e to the negative log-probability a token, which only models of one vocabulary have in common.</summary>
    public double TokenPerplexity => Math.Exp(-LogProbability / TokenCount);
}
