using Llama2.Sampling;

namespace Llama2.Generation;

/// <summary>Finds the token sequences that may represent a given text within other text.</summary>
internal static class SequenceBreakerTokens
{
    /// <summary>
    /// Finds, like llama.cpp, every token whose text contains the breaker. If a token's text ends with the beginning of the breaker, finds the
    /// sequence that consists of that token and of the tokens of the rest of the breaker. The rest is encoded without a dummy prefix. Unlike
    /// llama.cpp, also finds the tokens of the whole breaker, because the vocabulary may represent the breaker's characters as bytes.
    /// </summary>
    public static SequenceBreakers Find(IReadOnlyList<string> breakers, ModelTokenizer tokenizer)
    {
        var found = new SequenceBreakers();
        string[] texts = ReadTexts(tokenizer);
        foreach (string breaker in breakers)
        {
            found.Add([.. Encode(breaker, tokenizer)]);
            AddSpellings(breaker, texts, tokenizer, found);
        }

        return found;
    }

    private static void AddSpellings(string breaker, string[] texts, ModelTokenizer tokenizer, SequenceBreakers found)
    {
        var tails = new List<int>?[breaker.Length];
        for (int token = 0; token < texts.Length; token++)
        {
            string text = texts[token];
            if (text.Contains(breaker, StringComparison.Ordinal))
            {
                found.Add(token);
                continue;
            }

            for (int length = Math.Min(text.Length, breaker.Length - 1); length > 0; length--)
            {
                if (text.AsSpan().EndsWith(breaker.AsSpan(0, length)))
                    found.Add([token, .. tails[length] ??= Encode(breaker.AsSpan(length), tokenizer)]);
            }
        }
    }

    private static List<int> Encode(ReadOnlySpan<char> text, ModelTokenizer tokenizer)
    {
        var tokens = new List<int>();
        tokenizer.Encode(text, tokens, addDummyPrefix: false);
        return tokens;
    }

    // For each token, the text that it adds in the middle of a text; empty for a byte of a multi-byte character.
    private static string[] ReadTexts(ModelTokenizer tokenizer)
    {
        var texts = new string[tokenizer.VocabularySize];
        StreamingDecoder decoder = tokenizer.CreateStreamingDecoder(keepLeadingSpace: true);
        for (int token = 0; token < texts.Length; token++)
        {
            texts[token] = decoder.Append(token);
            if (decoder.HasUnfinishedCharacter)
                decoder.Flush();
        }

        return texts;
    }
}
