using Llama2.Templating.Characters;
using static System.FormattableString;

namespace Llama2.Chat;

/// <summary>
/// Determines which tokens of a conversation a model is to learn: all tokens of each answer, from the end of the prompt for generation to the token
/// that ends the answer. All other tokens come from the program or the user, and do not count in the loss. A message may state otherwise
/// (<see cref="LlamaMessage.IsLearned"/>); of a message that is not an answer, the tokens of its text and the token that ends it are then learned.
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
            bool isAnswer = messages[i].Role == LlamaRole.Assistant;
            if (!(messages[i].IsLearned ?? isAnswer))
                continue;
            int start = isAnswer ? origins.FindAnswer(i) : Array.IndexOf(messageOfToken, i);
            if (start < 0)
            {
                CheckBlank(messages[i], i);
                continue;
            }

            int textEnd = EndOfTag(tokens, messageOfToken, Math.Max(start, ends[i]), messages[i], tokenizer);
            int end = FindEnd(tokens, messageOfToken, textEnd, tokenizer, stopTokens, stopSequences);
            mask.AsSpan(start..end).Fill(true);
        }

        return mask;
    }

    // The end of the message's text, from the end of its data. A tag that a tool format wrote at the end of the text is not data, but part of the answer.
    private static int EndOfTag(int[] tokens, int[] messageOfToken, int dataEnd, LlamaMessage message, ModelTokenizer tokenizer)
    {
        if (message.OwnTags is not [.., var last] || last.End < message.Content.TrimEnd().Length)
            return dataEnd;
        string tag = message.Content[last.Start..last.End], text = "";
        StreamingDecoder decoder = tokenizer.CreateStreamingDecoder(keepLeadingSpace: true);
        for (int i = dataEnd; i < tokens.Length && messageOfToken[i] == TokenOrigins.Scaffolding && text.Length < 2 * tag.Length + 2; i++)
        {
            text += decoder.Append(tokens[i]);
            if (text.Contains(tag, StringComparison.Ordinal))
                return i + 1;
        }

        return dataEnd;
    }

    private static void CheckBlank(LlamaMessage message, int index)
    {
        if (!PythonSpace.IsBlank(message.Content))
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
