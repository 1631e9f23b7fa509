using System.Globalization;
using System.Text;
using Llama2.Server.Protocol;

namespace Llama2.Server.Answers;

/// <summary>The texts and bytes of tokens, as the protocol reports them. Not thread-safe.</summary>
/// <param name="tokenizer">The tokenizer.</param>
/// <param name="keepLeadingSpace">Whether the first token's space is part of its text, because the tokens continue a text.</param>
internal sealed class TokenTexts(ModelTokenizer tokenizer, bool keepLeadingSpace = true)
{
    private readonly StreamingDecoder _decoder = tokenizer.CreateStreamingDecoder(keepLeadingSpace);

    /// <summary>
    /// A token's text and its bytes in UTF-8. A byte token that is not a character on its own is written as <c>\xe2</c>, and a control token as the vocabulary
    /// spells it.
    /// </summary>
    public (string Text, int[] Bytes) Of(int token)
    {
        string spelling = tokenizer.GetTokenText(token);
        if (TryReadByte(spelling, out byte value))
            return (value < 0x80 ? ((char)value).ToString() : string.Create(CultureInfo.InvariantCulture, $@"\x{value:x2}"), [value]);
        string text = tokenizer.IsControl(token) ? spelling : _decoder.Append(token);
        return (text, Array.ConvertAll(Encoding.UTF8.GetBytes(text), part => (int)part));
    }

    /// <summary>A generated token, its log-probability and the likeliest tokens; null if the update has none, or its token ends the text.</summary>
    public TokenLogprob? Read(in GenerationUpdate update)
    {
        if (update is not { Token: { } token, LogProbability: { } probability } || tokenizer.IsEndOfGeneration(token))
            return null;
        (string text, int[] bytes) = Of(token);
        return new TokenLogprob(text, probability, bytes, [.. (update.TopLogProbabilities ?? []).Select(Read)]);
    }

    /// <summary>One of the likeliest tokens at a position.</summary>
    public TopLogprob Read(TokenLogProbability top)
    {
        (string text, int[] bytes) = Of(top.Token);
        return new TopLogprob(text, top.LogProbability, bytes);
    }

    // Byte tokens are spelled <0x0A>.
    private static bool TryReadByte(string spelling, out byte value)
    {
        value = 0;
        return spelling is ['<', '0', 'x', _, _, '>'] && byte.TryParse(spelling.AsSpan(3, 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out value);
    }
}
