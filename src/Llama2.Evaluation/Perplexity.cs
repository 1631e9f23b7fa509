using System.Text;
using static System.FormattableString;

namespace Llama2.Evaluation;

/// <summary>
/// Computes perplexity, a measure of how well a model predicts a text. Results by different definitions cannot be compared with each other, so each
/// definition has a result type of its own, whose name is that of the definition. Thread-safe.
/// </summary>
/// <remarks>All methods are asynchronous, because they call asynchronous methods of <see cref="ILlamaModel"/>.</remarks>
public static class Perplexity
{
    /// <summary>The default number of tokens in a window, as in llama.cpp.</summary>
    public const int DefaultWindowLength = 512;

    /// <summary>
    /// Computes perplexity by llama.cpp's definition: the text's tokens are split into windows, and the first token of each window is replaced by the
    /// begin-of-sequence token. In each window, the tokens of the second half are scored, except the first token of that half. Tokens that do not
    /// fill a window are ignored.
    /// </summary>
    /// <param name="model">The model.</param>
    /// <param name="text">The text, whose tokens must fill at least two windows.</param>
    /// <param name="windowLength">The number of tokens of a window: 4 to the model's context length, default 512.</param>
    /// <param name="maxWindowCount">The maximum number of windows to score, from the beginning of the text; null for all.</param>
    /// <param name="options">The adapters and the prefix scope with which the text is computed; null for the defaults.</param>
    /// <param name="progress">After each window, receives the perplexity of the windows scored so far, on a thread-pool thread.</param>
    /// <param name="cancellationToken">Ends the computation, at the latest when the current layer of the model is computed.</param>
    /// <exception cref="ArgumentException">The text has fewer tokens than two windows, or more characters than <see cref="ModelTokenizer.MaxTextLength"/>.</exception>
    /// <exception cref="ArgumentOutOfRangeException">
    /// The window is shorter than 4 tokens or longer than the context, or the maximum number of windows is less than 1.
    /// </exception>
    /// <exception cref="LlamaException">The model cannot compute the text; see <see cref="ILlamaModel.ComputeLogProbabilitiesAsync"/>.</exception>
    public static async Task<WindowedPerplexity> ComputeWindowedAsync(
        ILlamaModel model,
        string text,
        int windowLength = DefaultWindowLength,
        int? maxWindowCount = null,
        ComputationOptions? options = null,
        IProgress<EvaluationProgress>? progress = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(text);
        ArgumentOutOfRangeException.ThrowIfLessThan(windowLength, 4);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(windowLength, model.ContextLength);
        ArgumentOutOfRangeException.ThrowIfLessThan(maxWindowCount ?? 1, 1, nameof(maxWindowCount));
        int[] tokens = model.Tokenizer.Encode(text, model.Tokenizer.AddsBeginOfSequence);
        if (tokens.Length < 2L * windowLength)
        {
            throw new ArgumentException(
                Invariant($"The text has {tokens.Length:N0} tokens; two windows of {windowLength:N0} are needed. Give a longer text or a shorter window."), nameof(text));
        }

        int windowCount = Math.Min(tokens.Length / windowLength, maxWindowCount ?? int.MaxValue);
        var scores = new ScoreStatistics();
        for (int i = 0; i < windowCount; i++)
        {
            Memory<int> window = tokens.AsMemory(i * windowLength, windowLength);
            if (model.Tokenizer.AddsBeginOfSequence)
            {
                window.Span[0] = model.Tokenizer.BeginOfSequenceId;
            }

            scores.Add(await model.ComputeLogProbabilitiesAsync(window, (windowLength / 2) + 1, options, cancellationToken).ConfigureAwait(false));
            progress?.Report(new EvaluationProgress(i + 1, windowCount, scores.Perplexity));
        }

        return new WindowedPerplexity(scores.Perplexity, scores.PerplexityStandardError, windowCount, windowLength, scores.Count);
    }

    /// <summary>
    /// Computes perplexity by the rolling log-likelihood of lm-evaluation-harness: every token of the text is scored once. The model's input for a
    /// window begins with the token before the window, or with the begin-of-sequence token for the first window. The last window overlaps the
    /// previous one, so that it is full.
    /// </summary>
    /// <param name="model">The model.</param>
    /// <param name="text">The text, which must have at least one word.</param>
    /// <param name="windowLength">The number of tokens of a window: 1 to the model's context length; null (the default) for the model's context length.</param>
    /// <param name="options">The adapters and the prefix scope with which the text is computed; null for the defaults.</param>
    /// <param name="progress">After each window, receives the perplexity per token of the windows scored so far, on a thread-pool thread.</param>
    /// <param name="cancellationToken">Ends the computation, at the latest when the current layer of the model is computed.</param>
    /// <exception cref="ArgumentException">
    /// The text has no word, or more characters than <see cref="ModelTokenizer.MaxTextLength"/>, or the vocabulary has neither a begin- nor an end-of-sequence token.
    /// </exception>
    /// <exception cref="ArgumentOutOfRangeException">The window has fewer than 1 token, or is longer than the context.</exception>
    /// <exception cref="LlamaException">The model cannot compute the text; see <see cref="ILlamaModel.ComputeLogProbabilitiesAsync"/>.</exception>
    public static async Task<RollingPerplexity> ComputeRollingAsync(
        ILlamaModel model,
        string text,
        int? windowLength = null,
        ComputationOptions? options = null,
        IProgress<EvaluationProgress>? progress = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(text);
        int length = windowLength ?? model.ContextLength;
        ArgumentOutOfRangeException.ThrowIfLessThan(length, 1, nameof(windowLength));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(length, model.ContextLength, nameof(windowLength));
        if (string.IsNullOrWhiteSpace(text))
        {
            throw new ArgumentException("The text has no words.", nameof(text));
        }

        // The token before the text, as in lm-evaluation-harness: the begin-of-sequence token or, if the vocabulary has none, the end-of-sequence
        // token.
        int prefix = model.Tokenizer.BeginOfSequenceId >= 0 ? model.Tokenizer.BeginOfSequenceId : model.Tokenizer.EndOfSequenceId;
        if (prefix < 0)
        {
            throw new ArgumentException("The model's vocabulary has no token that begins or ends a sequence, so there is no token from which the text's first token could be predicted.", nameof(model));
        }

        int[] tokens = [prefix, .. model.Tokenizer.Encode(text, addBeginOfSequence: false)];
        int scoredCount = tokens.Length - 1, windowCount = (scoredCount + length - 1) / length;
        var scores = new ScoreStatistics();
        for (int i = 0; i < windowCount; i++)
        {
            int end = Math.Min(scoredCount, (i + 1) * length), begin = Math.Max(0, end - length);
            scores.Add(await model.ComputeLogProbabilitiesAsync(tokens.AsMemory(begin..(end + 1)), (i * length) - begin + 1, options, cancellationToken).ConfigureAwait(false));
            progress?.Report(new EvaluationProgress(i + 1, windowCount, scores.Perplexity));
        }

        return new RollingPerplexity(scores.Sum, scoredCount, CountWords(text), Encoding.UTF8.GetByteCount(text));
    }

    // Words are counted as in lm-evaluation-harness, by Python's re.split(r"\s+", text): white space at the beginning or at the end of the text adds
    // an empty word.
    private static long CountWords(string text)
    {
        long count = 1;
        for (int i = 0; i < text.Length; i++)
        {
            if (char.IsWhiteSpace(text[i]) && (i == 0 || !char.IsWhiteSpace(text[i - 1])))
            {
                count++;
            }
        }

        return count;
    }
}
