using Llama2.Templating.Characters;
using static System.FormattableString;

namespace Llama2.Chat;

/// <summary>
/// Determines which tokens of a conversation a model is to learn: all tokens of each answer, from the end of the prompt for generation to the token
/// that ends the answer. All other tokens come from the program or the user, and do not count in the loss.
/// </summary>
internal static class LossMask
{
    /// <param name="tokens">The tokens of the conversation.</param>
    /// <param name="origins">The message of each token, and where answers begin.</param>
    /// <param name="messages">The messages.</param>
    /// <param name="tokenizer">The tokenizer.</param>
    /// <param name="stopTokens">Tokens that end answers, in addition to the vocabulary's own end tokens.</param>
    /// <param name="stopSequences">Texts that end answers.</param>
    /// <exception cref="PromptFormatException">The beginning of an answer is unknown.</exception>
    public static bool[] Create(int[] tokens, TokenOrigins origins, IReadOnlyList<LlamaMessage> messages, ModelTokenizer tokenizer, int[] stopTokens, IReadOnlyList<string> stopSequences)
    {
        bool[] mask = new bool[tokens.Length];
        int[] messageOfToken = origins.Of(tokens.Length);
        int[] ends = EndsOfMessages(messageOfToken, messages.Count);
        for (int i = 0; i < messages.Count; i++)
        {
            if (messages[i].Role != LlamaRole.Assistant)
                continue;
            int start = origins.FindAnswer(i);
            if (start < 0)
            {
                CheckBlank(messages[i], i);
                continue;
            }

            int end = FindEnd(tokens, messageOfToken, Math.Max(start, ends[i]), tokenizer, stopTokens, stopSequences);
            mask.AsSpan(start..end).Fill(true);
        }

        return mask;
    }

    private static void CheckBlank(LlamaMessage answer, int index)
    {
        if (!PythonSpace.IsBlank(answer.Content))
        {
            throw new PromptFormatException(
                Invariant($"The chat template does not write the messages one after another; therefore the tokens of message {index:N0} cannot be distinguished from others: use one of the presets."),
                index);
        }
    }

    // The index after the last token of each message, or 0 if the message has no tokens.
    private static int[] EndsOfMessages(int[] messageOfToken, int count)
    {
        int[] ends = new int[count];
        for (int i = 0; i < messageOfToken.Length; i++)
        {
            if (messageOfToken[i] >= 0)
                ends[messageOfToken[i]] = i + 1;
        }

        return ends;
    }

    // Finds the end of an answer from the end of its text, which is the argument start. The result is the index after the token that ends the answer,
    // or after its end tag if that tag is encoded as ordinary tokens. If there is neither such a token nor such a tag, the answer ends with its text,
    // or, if no message follows, at the end of the conversation.
    private static int FindEnd(int[] tokens, int[] messageOfToken, int start, ModelTokenizer tokenizer, int[] stopTokens, IReadOnlyList<string> stopSequences)
    {
        int i = start;
        StreamingDecoder? decoder = stopSequences.Count > 0 ? tokenizer.CreateStreamingDecoder() : null;
        string text = "";
        for (; i < tokens.Length && messageOfToken[i] == TokenOrigins.Scaffolding; i++)
        {
            if (tokenizer.IsEndOfGeneration(tokens[i]) || stopTokens.Contains(tokens[i]))
                return i + 1;
            if (decoder is null)
                continue;
            text += decoder.Append(tokens[i]);
            if (stopSequences.Any(sequence => text.Contains(sequence.Trim(), StringComparison.Ordinal)))
                return i + 1;

            // Only the end of the text, where a stop sequence may have begun, is kept; keeping the whole text would take time proportional to the square of its length.
            text = text[Math.Max(0, text.Length - stopSequences.Max(sequence => sequence.Length))..];
        }

        return i == tokens.Length ? i : start;
    }
}
