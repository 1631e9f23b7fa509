using System.Buffers;

namespace Llama2.Tokenization;

/// <summary>A text as the merges see it, and where each of its characters comes from. Its buffer is pooled: dispose it once, and use no copy.</summary>
/// <param name="buffer">A rented buffer.</param>
/// <param name="length">How much of it is the text.</param>
/// <param name="prefixLength">Characters of the dummy prefix in front.</param>
/// <param name="origins">The part of the original text that each character was made of; null if each comes from the character at the same place after the prefix.</param>
internal readonly struct NormalizedText(char[] buffer, int length, int prefixLength, TextRange[]? origins) : IDisposable
{
    /// <summary>The text.</summary>
    public ReadOnlySpan<char> Text => buffer.AsSpan(0, length);

    /// <summary>Characters of the dummy prefix in front of the text.</summary>
    public int PrefixLength => prefixLength;

    /// <summary>
    /// The part of the original text that each character was made of, ascending; 0 to 0 for the dummy prefix. Empty where each character is the one
    /// at its place behind the prefix.
    /// </summary>
    public ReadOnlySpan<TextRange> Origins => origins is null ? [] : origins.AsSpan(0, length);

    public void Dispose() => ArrayPool<char>.Shared.Return(buffer);
}
