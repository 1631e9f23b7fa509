using System.Buffers;

namespace Llama2.Tokenization;

/// <summary>
/// A text in the form in which it is merged, and the origin of each of its characters. Its buffer is pooled, so dispose it exactly once, and do not
/// use copies of the struct.
/// </summary>
/// <param name="buffer">A rented buffer.</param>
/// <param name="length">The length of the text in the buffer.</param>
/// <param name="prefixLength">The number of characters of the dummy prefix in front.</param>
/// <param name="origins">
/// The part of the original text from which each character was made; null if each comes from the character at the same place after the prefix.
/// </param>
internal readonly struct NormalizedText(char[] buffer, int length, int prefixLength, TextRange[]? origins) : IDisposable
{
    /// <summary>The text.</summary>
    public ReadOnlySpan<char> Text => buffer.AsSpan(0, length);

    /// <summary>The number of characters of the dummy prefix in front of the text.</summary>
    public int PrefixLength => prefixLength;

    /// <summary>
    /// The part of the original text from which each character was made, ascending; 0 to 0 for the dummy prefix. Empty if each character comes from
    /// the character at the same place after the prefix.
    /// </summary>
    public ReadOnlySpan<TextRange> Origins => origins is null ? [] : origins.AsSpan(0, length);

    public void Dispose() => ArrayPool<char>.Shared.Return(buffer);
}
