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

    /// <summary>The characters that were made of a part of the original text, or of a part that overlaps it.</summary>
    public TextRange Find(TextRange original)
    {
        if (origins is null)
            return new TextRange(original.Start + prefixLength, original.End + prefixLength);

        int start = prefixLength;
        while (start < length && origins[start].End <= original.Start)
            start++;
        int end = start;
        while (end < length && origins[end].Start < original.End)
            end++;
        return new TextRange(start, end);
    }

    /// <summary>The end, in the original text, of the part from which the characters up to a given one were made; 0 for the dummy prefix.</summary>
    /// <param name="end">One past the last of the characters.</param>
    public int OriginalEnd(int end) => end <= prefixLength ? 0 : origins is null ? end - prefixLength : origins[end - 1].End;

    public void Dispose() => ArrayPool<char>.Shared.Return(buffer);
}
