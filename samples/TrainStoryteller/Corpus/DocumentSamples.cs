using Llama2;
using Llama2.Training;

namespace TrainStoryteller.Corpus;

/// <summary>
/// Makes one sample of each document, so that a sample contains all that its tokens depend on, such as the tools that are announced before a call, and no
/// text of other documents. Every token counts in the loss.
/// </summary>
internal static class DocumentSamples
{
    /// <summary>The maximum number of tokens that a sample predicts; of a longer document, only the beginning is learned.</summary>
    public const int MaxLength = 1024;

    /// <summary>Writes documents until there are enough tokens.</summary>
    /// <param name="tokenizer">The model's tokenizer.</param>
    /// <param name="seed">The same seed gives the same samples.</param>
    /// <param name="tokenCount">The minimum number of tokens that all samples together predict.</param>
    /// <param name="cancellationToken">Ends the work after the current document.</param>
    /// <param name="refines">Whether the documents are those of the second training; see <see cref="DocumentWriter"/>.</param>
    public static TrainingSample[] Create(
        ModelTokenizer tokenizer, int seed, long tokenCount, CancellationToken cancellationToken, bool refines = false)
    {
        var documents = new DocumentWriter(seed, refines);
        List<TrainingSample> samples = [];
        for (long count = 0; count < tokenCount; count += samples[^1].Tokens.Length - 1)
        {
            cancellationToken.ThrowIfCancellationRequested();
            int[] tokens = [.. documents.Write().SelectMany(part => tokenizer.Encode(part, addBeginOfSequence: true, addEndOfSequence: true)).Take(MaxLength + 1)];
            var mask = new bool[tokens.Length];
            Array.Fill(mask, true);
            samples.Add(new TrainingSample(tokens, mask));
        }

        return [.. samples];
    }
}
