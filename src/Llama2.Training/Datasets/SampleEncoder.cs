using static System.FormattableString;

namespace Llama2.Training.Datasets;

/// <summary>Encodes conversations and documents as samples of limited length.</summary>
/// <param name="tokenizer">The model's tokenizer.</param>
/// <param name="options">The maximum length, and how longer samples are handled.</param>
/// <param name="cancellationToken">Ends the rendering of a chat template.</param>
internal sealed class SampleEncoder(ModelTokenizer tokenizer, DatasetOptions options, CancellationToken cancellationToken)
{
    /// <summary>Encodes a conversation. If the conversation is too long and is skipped according to the options, returns null and the reason.</summary>
    /// <exception cref="RecordFaultException">
    /// The prompt format refuses the conversation, or the conversation is too long and the options refuse long samples.
    /// </exception>
    public TrainingSample? Encode(IReadOnlyList<LlamaMessage> messages, PromptFormat format, out string? reason)
    {
        bool[] mask;
        int[] tokens;
        try
        {
            tokens = format.EncodeForTraining(messages, tokenizer, out mask, options.MaxLength, cancellationToken);
        }
        catch (Exception exception) when (exception is PromptFormatException or PromptTemplateException or ArgumentException)
        {
            throw new RecordFaultException(exception.Message.TrimEnd('.'));
        }

        reason = null;
        if (tokens.Length <= options.MaxLength)
        {
            return new TrainingSample(tokens, mask);
        }

        reason = Invariant($"it has {tokens.Length:N0} tokens; at most {options.MaxLength:N0} are allowed");
        if (options.LongSamples == LongSamplePolicy.Fail)
        {
            throw new RecordFaultException($"{reason}. Set a greater length, or have long samples skipped or truncated");
        }

        bool hasTarget = mask.AsSpan(1, options.MaxLength - 1).Contains(true);
        if (options.LongSamples == LongSamplePolicy.Skip || !hasTarget)
        {
            return null;
        }

        reason = null;
        return new TrainingSample(tokens.AsMemory(0, options.MaxLength), mask.AsMemory(0, options.MaxLength));
    }

    /// <summary>
    /// Encodes a document with begin- and end-of-sequence tokens, and splits it into samples. Each sample except the first begins with the last token
    /// of the previous sample, so that every token is predicted once.
    /// </summary>
    public IEnumerable<TrainingSample> EncodeDocument(string text)
    {
        int[] tokens = tokenizer.Encode(text, tokenizer.BeginOfSequenceId >= 0, tokenizer.EndOfSequenceId >= 0);
        for (int start = 0; start < tokens.Length - 1; start += options.MaxLength - 1)
        {
            int end = Math.Min(tokens.Length, start + options.MaxLength);
            bool[] mask = new bool[end - start];
            mask.AsSpan(1).Fill(true);
            yield return new TrainingSample(tokens.AsMemory(start..end), mask);
        }
    }
}
