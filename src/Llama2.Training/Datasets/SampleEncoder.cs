using Llama2.Training.Datasets.Forms;
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
    /// The prompt format refuses the conversation, none of it is learned, or the conversation is too long and the options refuse long samples.
    /// </exception>
    /// <param name="messages">The conversation.</param>
    /// <param name="tools">The tools that it announces.</param>
    /// <param name="format">The prompt format.</param>
    /// <param name="fields">The fields from which the conversation was read, for messages.</param>
    /// <param name="reason">Why the conversation is skipped.</param>
    public TrainingSample? Encode(IReadOnlyList<LlamaMessage> messages, IReadOnlyList<LlamaTool> tools, PromptFormat format, string fields, out string? reason)
    {
        if (!messages.Any(message => message.IsLearned ?? message.Role == LlamaRole.Assistant))
        {
            throw new RecordFaultException("none of its messages is learned, because 'weight', 'train', 'training' or 'loss' of all its answers is 0 or false; let one be learned, or leave the record out");
        }

        bool[] mask;
        int[] tokens;
        try
        {
            tokens = format.EncodeForTraining(messages, tokenizer, out mask, options.MaxLength, tools, cancellationToken);
        }
        catch (Exception exception) when (exception is PromptFormatException or PromptTemplateException or ArgumentException)
        {
            throw new RecordFaultException($"the conversation of {fields} cannot be written in the format {format.Name}: {exception.Message.TrimEnd('.')}");
        }

        return Limit(tokens, mask, out reason);
    }

    /// <summary>
    /// Encodes segments one after another, each for itself, with the control tokens that they state. If they are too long and are skipped according to
    /// the options, returns null and the reason.
    /// </summary>
    /// <exception cref="RecordFaultException">The segments are too long and the options refuse long samples, or there is nothing to learn.</exception>
    public TrainingSample? Encode(IReadOnlyList<TextSegment> segments, out string? reason)
    {
        List<int> tokens = [];
        List<bool> mask = [];
        foreach (TextSegment segment in segments)
        {
            int[] part = Tokens(segment.Text);
            tokens.AddRange(part);
            mask.AddRange(Enumerable.Repeat(segment.IsLearned, part.Length));
        }

        return mask.Skip(1).Contains(true)
            ? Limit([.. tokens], [.. mask], out reason)
            : throw new RecordFaultException("the segments to learn have no token that follows another, so there is nothing to learn; put a prompt or a begin-of-sequence token before them");
    }

    /// <summary>Whether a pair is too long for one batch. If so, returns the reason.</summary>
    /// <exception cref="RecordFaultException">The pair is too long and the options refuse long samples.</exception>
    public bool IsTooLong(TrainingSample chosen, TrainingSample rejected, out string? reason)
    {
        // The last token of an answer is predicted, but not computed.
        int length = chosen.Tokens.Length - 1 + rejected.Tokens.Length - 1;
        reason = length > options.MaxPairLength
            ? Invariant($"its two answers have {length:N0} tokens together, with their prompts; at most {options.MaxPairLength:N0} are allowed for a pair")
            : null;
        return reason is not null && options.LongSamples == LongSamplePolicy.Fail
            ? throw new RecordFaultException($"{reason}. Set a greater length ({nameof(DatasetOptions)}.{nameof(DatasetOptions.MaxPairLength)}), or have long pairs skipped ({nameof(DatasetOptions)}.{nameof(DatasetOptions.LongSamples)})")
            : reason is not null;
    }

    /// <summary>
    /// Encodes a document with begin- and end-of-sequence tokens, and splits it into samples. Each sample except the first begins with the last token
    /// of the previous sample, so that every token is predicted once.
    /// </summary>
    /// <param name="text">The document.</param>
    /// <param name="hasControlTokens">Whether names of control tokens in the text mean these tokens.</param>
    public IEnumerable<TrainingSample> EncodeDocument(string text, bool hasControlTokens = false)
    {
        int[] tokens = hasControlTokens ? Enclosed(Tokens(text)) : tokenizer.Encode(text, tokenizer.BeginOfSequenceId >= 0, tokenizer.EndOfSequenceId >= 0);
        for (int start = 0; start < tokens.Length - 1; start += options.MaxLength - 1)
        {
            int end = Math.Min(tokens.Length, start + options.MaxLength);
            bool[] mask = new bool[end - start];
            mask.AsSpan(1).Fill(true);
            yield return new TrainingSample(tokens.AsMemory(start..end), mask);
        }
    }

    // A text may already have the tokens that enclose documents; they are not added twice.
    private int[] Enclosed(int[] tokens)
    {
        int begin = tokenizer.BeginOfSequenceId, end = tokenizer.EndOfSequenceId;
        return [.. begin >= 0 && (tokens.Length == 0 || tokens[0] != begin) ? [begin] : (int[])[], .. tokens, .. end >= 0 && (tokens.Length == 0 || tokens[^1] != end) ? [end] : (int[])[]];
    }

    private int[] Tokens(string text) => text.Length <= ModelTokenizer.MaxTextLength
        ? tokenizer.EncodeWithControlTokens(text)
        : throw new RecordFaultException(Invariant($"a text has {text.Length:N0} characters; at most {ModelTokenizer.MaxTextLength:N0} are allowed, so split it"));

    private TrainingSample? Limit(int[] tokens, bool[] mask, out string? reason)
    {
        reason = null;
        if (tokens.Length <= options.MaxLength)
        {
            return new TrainingSample(tokens, mask);
        }

        reason = Invariant($"it has {tokens.Length:N0} tokens; at most {options.MaxLength:N0} are allowed");
        if (options.LongSamples == LongSamplePolicy.Fail)
        {
            throw new RecordFaultException($"{reason}. Set a greater length ({nameof(DatasetOptions)}.{nameof(DatasetOptions.MaxLength)}), or have long samples skipped or truncated ({nameof(DatasetOptions)}.{nameof(DatasetOptions.LongSamples)})");
        }

        bool hasTarget = mask.AsSpan(1, options.MaxLength - 1).Contains(true);
        if (options.LongSamples == LongSamplePolicy.Skip || !hasTarget)
        {
            return null;
        }

        reason = null;
        return new TrainingSample(tokens.AsMemory(0, options.MaxLength), mask.AsMemory(0, options.MaxLength));
    }
}
