using Llama2;
using Llama2.Training;

namespace TrainStoryteller.Corpus;

/// <summary>Cuts documents, one after the other, into samples of the same length. A sample may begin in the middle of a document, as the text that a model goes on with may.</summary>
internal static class TokenWindows
{
    /// <summary>Tokens that a sample predicts.</summary>
    public const int Length = 256;

    /// <summary>Writes documents until there are enough samples.</summary>
    /// <param name="tokenizer">The model's tokenizer.</param>
    /// <param name="seed">The same seed gives the same samples.</param>
    /// <param name="count">How many samples.</param>
    /// <param name="cancellationToken">Ends it after the current document.</param>
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

    /// <summary>Cuts tokens, of which each sample's first is the last of the sample before.</summary>
    public static TrainingSample[] Cut(List<int> tokens, int count)
    {
        ReadOnlyMemory<int> all = tokens.ToArray();
        var mask = new bool[Length + 1];
        Array.Fill(mask, true);
        return [.. Enumerable.Range(0, count).Select(i => new TrainingSample(all.Slice(i * Length, Length + 1), mask))];
    }
}
