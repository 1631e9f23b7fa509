namespace Llama2.Tokenization;

/// <summary>
/// Karp–Rabin fingerprints (IBM Journal of Research and Development 31, 1987) modulo the prime 2^61 - 1. From the fingerprints of all prefixes of a
/// text, the fingerprint of any part of the text is computed with one multiplication, whatever the part's length.
/// </summary>
internal static class TextFingerprint
{
    private const ulong Prime = (1UL << 61) - 1;

    /// <summary>
    /// A random number for each process, so that no file can be constructed to cause collisions. Results do not depend on it, because texts with
    /// equal fingerprints are also compared character by character.
    /// </summary>
    private static readonly ulong _base = (ulong)Random.Shared.NextInt64(1L << 32, (long)Prime - 1);

    /// <summary>The fingerprint of a prefix extended by one character. The fingerprint of the empty text is 0.</summary>
    public static ulong Append(ulong prefix, char character) => Reduce(Multiply(prefix, _base) + character + 1);

    public static ulong OfText(ReadOnlySpan<char> text)
    {
        ulong fingerprint = 0;
        foreach (char character in text)
            fingerprint = Append(fingerprint, character);
        return fingerprint;
    }

    /// <summary>The fingerprint of the part that lies between two prefixes.</summary>
    /// <param name="longer">Fingerprint of the prefix that ends with the part.</param>
    /// <param name="shorter">Fingerprint of the prefix that ends before the part.</param>
    /// <param name="power">The entry of <see cref="Powers"/> for the part's length.</param>
    public static ulong OfPart(ulong longer, ulong shorter, ulong power) => Reduce(longer + Prime - Multiply(shorter, power));

    /// <summary>The powers of the base with the exponents 0 to <paramref name="maximum"/>.</summary>
    public static ulong[] Powers(int maximum)
    {
        var powers = new ulong[maximum + 1];
        powers[0] = 1;
        for (int exponent = 1; exponent <= maximum; exponent++)
            powers[exponent] = Multiply(powers[exponent - 1], _base);
        return powers;
    }

    private static ulong Multiply(ulong left, ulong right)
    {
        ulong high = Math.BigMul(left, right, out ulong low);
        return Reduce((low & Prime) + ((low >> 61) | (high << 3)));
    }

    private static ulong Reduce(ulong value) => value >= Prime ? value - Prime : value;
}
