using System.Diagnostics;

namespace Llama2.Chat;

/// <summary>Which message each token of a prompt is of, from the same encoding that makes the tokens: nothing is encoded twice and compared.</summary>
internal sealed class TokenOrigins
{
    /// <summary>The origin of tokens that hold no character of a message.</summary>
    public const int Scaffolding = -1;

    private readonly List<int> _messages = [];

    /// <summary>Encodes a stretch of a prompt, and appends its tokens.</summary>
    /// <param name="tokenizer">The tokenizer.</param>
    /// <param name="text">The stretch as it was written.</param>
    /// <param name="guarded">The same with spaces in forged tags, which is what is encoded.</param>
    /// <param name="data">Where messages lie in <paramref name="text"/>, in order.</param>
    /// <param name="ids">The prompt's tokens so far.</param>
    public void Encode(LlamaTokenizer tokenizer, string text, string guarded, IReadOnlyList<DataRange> data, List<int> ids)
    {
        FillTo(ids.Count);
        int[] characters = CharacterOrigins(text, guarded, data);
        var ends = new List<int>();
        int start = 0;
        int prefixLength = tokenizer.Encode(guarded, ids, ends);
        foreach (int end in ends)
        {
            // A character spelled in bytes: all of it ends where the last byte's token does.
            int characterEnd = Math.Max(end, start + 1);
            ReadOnlySpan<int> range = characters.AsSpan(
                Math.Clamp(start - prefixLength, 0, characters.Length)..Math.Clamp(characterEnd - prefixLength, 0, characters.Length));
            int origin = range.LastIndexOfAnyExcept(Scaffolding);
            _messages.Add(origin < 0 ? Scaffolding : range[origin]);
            start = end;
        }

        Debug.Assert(_messages.Count == ids.Count, "a token without an origin");
    }

    /// <summary>The message of each of a prompt's tokens, or <see cref="Scaffolding"/>.</summary>
    public int[] Of(int tokenCount)
    {
        FillTo(tokenCount);
        return [.. _messages];
    }

    // Tokens that the writer wrote by their ids.
    private void FillTo(int count)
    {
        while (_messages.Count < count)
            _messages.Add(Scaffolding);
    }

    private static int[] CharacterOrigins(string text, string guarded, IReadOnlyList<DataRange> data)
    {
        int[] origins = new int[guarded.Length];
        Array.Fill(origins, Scaffolding);
        int shifted = 0, range = 0;
        for (int i = 0; i < text.Length; i++)
        {
            // The only difference is a space more here and there.
            while (guarded[shifted] != text[i])
                shifted++;
            while (range < data.Count && data[range].End <= i)
                range++;
            if (range < data.Count && data[range].Start <= i)
                origins[shifted] = data[range].MessageIndex;
            shifted++;
        }

        return origins;
    }
}
