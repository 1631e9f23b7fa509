namespace Llama2.Guard.Rules;

/// <summary>How random a short text looks: keys look random, words and placeholders do not.</summary>
internal static class Entropy
{
    /// <summary>
    /// Shannon's entropy of the frequencies of a text's characters, in bits for each character. A text of n characters has at most log2(n); 32 random
    /// characters of Base64 have about 4.5, English words about 3.5 and <c>xxxxxxxx</c> 0.
    /// </summary>
    public static double Of(ReadOnlySpan<char> text)
    {
        Span<int> counts = stackalloc int[128];
        counts.Clear();
        foreach (char character in text)
            counts[Math.Min((int)character, 127)]++;
        double sum = 0;
        foreach (int count in counts)
        {
            if (count > 0)
                sum += count * Math.Log2(count);
        }

        return text.IsEmpty ? 0 : Math.Log2(text.Length) - (sum / text.Length);
    }
}
