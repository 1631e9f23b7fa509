using System.Buffers;

namespace Llama2.Tokenization;

/// <summary>
/// A normalized text, whose characters are merged into tokens, and the origin of each of its characters in the original text. Its buffer comes from a
/// pool, so dispose the struct exactly once, and do not use copies of it.
/// </summary>
/// <param name="buffer">A rented buffer.</param>
/// <param name="length">The length of the text in the buffer.</param>
/// <param name="prefixLength">The number of characters of the dummy prefix at the start of the text.</param>
/// <param name="origins">
/// For each character, the part of the original text from which it was made. Null if the characters after the prefix correspond one to one, in order,
/// to the characters of the original text.
/// </param>
internal readonly struct NormalizedText(char[] buffer, int length, int prefixLength, TextRange[]? origins) : IDisposable
{
    /// <summary>The text.</summary>
    public ReadOnlySpan<char> Text => buffer.AsSpan(0, length);

    /// <summary>The number of characters of the dummy prefix at the start of the text.</summary>
    public int PrefixLength => prefixLength;

    /// <summary>
    /// For each character, the part of the original text from which it was made, in ascending order; the range is 0 to 0 for the dummy prefix. Empty
    /// if the characters after the prefix correspond one to one, in order, to the characters of the original text.
    /// </summary>
    public ReadOnlySpan<TextRange> Origins => origins is null ? [] : origins.AsSpan(0, length);

    public void Dispose() => ArrayPool<char>.Shared.Return(buffer);
}
