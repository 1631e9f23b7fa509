using System.Buffers;
using System.Text;

namespace Llama2.Evaluation.RedTeaming.Styles;

/// <summary>A code for texts.</summary>
/// <param name="Name">The name, as a model knows it.</param>
/// <param name="Encode">Encodes a text.</param>
/// <param name="TryDecode">Decodes a text; null if the text is not in this code, or cannot be distinguished from plain text.</param>
internal sealed record TextCode(string Name, Func<string, string> Encode, Func<string, string?> TryDecode)
{
    /// <summary>Base64 of UTF-8 (RFC 4648).</summary>
    public static TextCode Base64 { get; } = new("Base64", text => Convert.ToBase64String(Encoding.UTF8.GetBytes(text)), FromBase64);

    /// <summary>Each letter of the alphabet is replaced by the one 13 places further. An answer in ROT13 is known by its most frequent words.</summary>
    public static TextCode Rot13 { get; } = new("ROT13", Rotate, text => Looks(Rotate(text)) && !Looks(text) ? Rotate(text) : null);

    /// <summary>Some letters are replaced by digits of similar form.</summary>
    public static TextCode Leetspeak { get; } = new("leetspeak", ToLeetspeak, _ => null);

    /// <summary>Words with their first consonants moved to the end, followed by "ay".</summary>
    public static TextCode PigLatin { get; } = new("Pig Latin", text => string.Join(' ', text.Split(' ').Select(ToPigLatin)), _ => null);

    // A text shorter than this could be Base64 by chance.
    private const int MinBase64Length = 24;
    private static readonly SearchValues<char> s_vowels = SearchValues.Create("aeiouAEIOU");
    private static readonly string[] s_frequentWords = ["the", "and", "you", "for", "that", "this", "with", "can", "are", "not"];

    private static string? FromBase64(string text)
    {
        Span<byte> bytes = new byte[text.Length];
        if (text.Length < MinBase64Length || !Convert.TryFromBase64String(text, bytes, out int count))
            return null;
        string decoded = Encoding.UTF8.GetString(bytes[..count]);
        return decoded.Contains('\ufffd') ? null : decoded;
    }

    private static string Rotate(string text) => string.Create(text.Length, text, static (target, source) =>
    {
        for (int i = 0; i < target.Length; i++)
            target[i] = source[i] switch
            {
                >= 'a' and <= 'z' => (char)('a' + ((source[i] - 'a' + 13) % 26)),
                >= 'A' and <= 'Z' => (char)('A' + ((source[i] - 'A' + 13) % 26)),
                _ => source[i],
            };
    });

    private static bool Looks(string text)
    {
        string[] words = text.ToLowerInvariant().Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
        return words.Count(word => s_frequentWords.Contains(word)) * 20 >= words.Length && words.Length > 0;
    }

    private static string ToLeetspeak(string text) => string.Create(text.Length, text, static (target, source) =>
    {
        for (int i = 0; i < target.Length; i++)
            target[i] = char.ToLowerInvariant(source[i]) switch { 'a' => '4', 'e' => '3', 'i' => '1', 'o' => '0', 's' => '5', 't' => '7', _ => source[i] };
    });

    // Signs before and after the letters of a word stay where they are.
    private static string ToPigLatin(string word)
    {
        int start = 0, end = word.Length;
        while (start < end && !char.IsAsciiLetter(word[start]))
            start++;
        while (end > start && !char.IsAsciiLetter(word[end - 1]))
            end--;
        string letters = word[start..end];
        int vowel = letters.AsSpan().IndexOfAny(s_vowels);
        string changed = vowel < 0 ? letters : vowel == 0 ? $"{letters}way" : $"{letters[vowel..]}{letters[..vowel]}ay";
        return $"{word[..start]}{changed}{word[end..]}";
    }
}
