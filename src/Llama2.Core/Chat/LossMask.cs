using static System.FormattableString;

namespace Llama2.Chat;

/// <summary>
/// Which tokens of a conversation a model is to learn: the answers, and what ends each. Everything else, which the program or the user writes,
/// has no part in the loss.
/// </summary>
internal static class LossMask
{
    /// <param name="tokens">The conversation.</param>
    /// <param name="origins">The message of each token.</param>
    /// <param name="messages">The messages.</param>
    /// <param name="tokenizer">The tokenizer.</param>
    /// <param name="stopTokens">Tokens that end answers, besides the end-of-sequence token.</param>
    /// <param name="stopSequences">Texts that end answers.</param>
    /// <exception cref="PromptFormatException">An answer has no token that is known to be of it.</exception>
    public static bool[] Create(int[] tokens, int[] origins, IReadOnlyList<LlamaMessage> messages, LlamaTokenizer tokenizer, int[] stopTokens, IReadOnlyList<string> stopSequences)
    {
        CheckAnswers(origins, messages);
        bool[] mask = new bool[tokens.Length];
        for (int i = 0; i < tokens.Length; i++)
        {
            mask[i] = IsAnswer(i);
            bool endsAnswer = mask[i] && (i + 1 == tokens.Length || origins[i + 1] != origins[i]);
            if (endsAnswer)
            {
                int end = FindEnd(tokens, origins, i + 1, tokenizer, stopTokens, stopSequences);
                mask.AsSpan((i + 1)..end).Fill(true);
                i = end - 1;
            }
        }

        return mask;

        bool IsAnswer(int i) => origins[i] >= 0 && messages[origins[i]].Role == LlamaRole.Assistant;
    }

    private static void CheckAnswers(int[] origins, IReadOnlyList<LlamaMessage> messages)
    {
        HashSet<int> known = [.. origins];
        for (int i = 0; i < messages.Count; i++)
        {
            if (messages[i].Role == LlamaRole.Assistant && !PythonWhitespace.TrimEnd(messages[i].Content).IsEmpty && !known.Contains(i))
            {
                throw new PromptFormatException(
                    Invariant($"The chat template does not write the messages one after another, so that the tokens of message {i:N0} cannot be told from others: use one of the presets."),
                    i);
            }
        }
    }

    // One past the token, or the spelled-out tag, that ends the answer before start; start itself if nothing does.
    private static int FindEnd(int[] tokens, int[] origins, int start, LlamaTokenizer tokenizer, int[] stopTokens, IReadOnlyList<string> stopSequences)
    {
        for (int i = start; i < tokens.Length && origins[i] == TokenOrigins.Scaffolding; i++)
        {
            if (tokens[i] == tokenizer.EndOfSequenceId || stopTokens.Contains(tokens[i]))
                return i + 1;
            string text = tokenizer.Decode(tokens.AsSpan(start..(i + 1)));
            if (stopSequences.Any(sequence => text.Contains(sequence.Trim(), StringComparison.Ordinal)))
                return i + 1;
        }

        return start;
    }
}
