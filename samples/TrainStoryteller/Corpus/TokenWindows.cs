using Llama2;
using Llama2.Training;

namespace TrainStoryteller.Corpus;

/// <summary>
/// Cuts documents, one after the other, into samples of the same length. A sample may begin in the middle of a document, like a text that a model
/// continues.
/// </summary>
internal static class TokenWindows
{
    /// <summary>The number of tokens that a sample predicts.</summary>
    public const int Length = 256;

    /// <summary>Writes documents until there are enough samples.</summary>
    /// <param name="tokenizer">The model's tokenizer.</param>
    /// <param name="seed">The same seed gives the same samples.</param>
    /// <param name="count">The number of samples.</param>
    /// <param name="cancellationToken">Ends the work after the current document.</param>
    public static TrainingSample[] Create(ModelTokenizer tokenizer, int seed, int count, CancellationToken cancellationToken)
    {
        var documents = new DocumentWriter(seed);
        var tokens = new List<int>(count * Length + Length * 4);
        while (tokens.Count <= count * Length)
        {
            cancellationToken.ThrowIfCancellationRequested();
            foreach (string part in documents.Write())
            {
                tokens.AddRange(tokenizer.Encode(part, addBeginOfSequence: true, addEndOfSequence: true));
            }
        }

        return Cut(tokens, count);
    }

    /// <summary>Splits tokens into samples; the first token of each sample is the last token of the previous one.</summary>
    public static TrainingSample[] Cut(List<int> tokens, int count)
    {
        ReadOnlyMemory<int> all = tokens.ToArray();
        var mask = new bool[Length + 1];
        Array.Fill(mask, true);
        return [.. Enumerable.Range(0, count).Select(i => new TrainingSample(all.Slice(i * Length, Length + 1), mask))];
    }
}
