using System.Globalization;
using System.Text;
using Llama2.Tokenization;
using static System.FormattableString;

namespace Llama2.Training.Vocabularies;

/// <summary>
/// Counts words. A word is a run of characters of one kind, with the space before it. No token extends across words, so merges need to be learned
/// only once for each different word.
/// </summary>
/// <param name="maximumCount">The maximum number of different words.</param>
internal sealed class WordCounter(int maximumCount)
{
    // A longer run of characters, such as encoded data, is counted in parts of this length, which limits the work for one word. No token is longer
    // than a part.
    private const int MaxWordLength = 64;
    private readonly Dictionary<string, long> _counts = [];
    private readonly StringBuilder _normalized = new();

    /// <summary>The number of occurrences of each word; a space in a word is written as U+2581.</summary>
    public IReadOnlyDictionary<string, long> Counts => _counts;

    /// <summary>Counts the words of a text. As in the encoder, a space is added before the text.</summary>
    /// <exception cref="ArgumentException">There are more different words than the maximum.</exception>
    public void Add(string text)
    {
        if (text.Length == 0)
        {
            return;
        }

        _normalized.Clear().Append(Vocabulary.EscapedSpace).Append(TextEncoder.ReplaceLoneSurrogates(text)).Replace(' ', Vocabulary.EscapedSpace);
        string normalized = _normalized.ToString();
        Dictionary<string, long>.AlternateLookup<ReadOnlySpan<char>> counts = _counts.GetAlternateLookup<ReadOnlySpan<char>>();
        for (int start = 0, end; start < normalized.Length; start = end)
        {
            end = EndOfWord(normalized, start);
            ReadOnlySpan<char> word = normalized.AsSpan(start..end);
            counts.TryGetValue(word, out long count);
            counts[word] = count + 1;
        }

        if (_counts.Count > maximumCount)
        {
            throw new ArgumentException(
                Invariant($"The texts have more than {maximumCount:N0} different words: give fewer texts, or raise {nameof(TokenizerTrainerOptions.MaxWordCount)}."),
                nameof(text));
        }
    }

    /// <summary>
    /// Chooses the characters that get a token of their own. They are returned with the most frequent first; equally frequent characters are in the
    /// order of their code points.
    /// </summary>
    /// <param name="coverage">The minimum share of the chosen characters among all characters of the texts, 0 to 1.</param>
    public string[] ChooseAlphabet(double coverage)
    {
        var counts = new Dictionary<Rune, long>();
        foreach ((string word, long count) in _counts)
        {
            foreach (Rune character in word.EnumerateRunes())
            {
                if (!Rune.IsControl(character))
                {
                    counts[character] = counts.GetValueOrDefault(character) + count;
                }
            }
        }

        double wanted = coverage * counts.Values.Sum();
        long covered = 0;
        List<string> alphabet = [];
        foreach ((Rune character, long count) in counts.OrderByDescending(pair => pair.Value).ThenBy(pair => pair.Key))
        {
            if (covered >= wanted)
            {
                break;
            }

            alphabet.Add(character.ToString());
            covered += count;
        }

        return [.. alphabet];
    }

    private static int EndOfWord(string text, int start)
    {
        CharacterKind kind = KindAt(text, start, out int length);
        int end = start + length;
        if (kind == CharacterKind.Space && end < text.Length)
        {
            // A space belongs to the word after it. A space before a digit does not, because a digit is always a token of its own.
            CharacterKind next = KindAt(text, end, out length);
            if (next is not (CharacterKind.Letter or CharacterKind.Other))
            {
                return end;
            }

            kind = next;
            end += length;
        }

        while (kind is CharacterKind.Letter or CharacterKind.Other && end < text.Length && end - start < MaxWordLength && KindAt(text, end, out length) == kind)
        {
            end += length;
        }

        return end;
    }

    private static CharacterKind KindAt(string text, int index, out int length)
    {
        Rune character = Rune.GetRuneAt(text, index);
        length = character.Utf16SequenceLength;
        return character.Value == Vocabulary.EscapedSpace ? CharacterKind.Space : Rune.GetUnicodeCategory(character) switch
        {
            <= UnicodeCategory.OtherLetter or UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark or UnicodeCategory.EnclosingMark => CharacterKind.Letter,
            UnicodeCategory.DecimalDigitNumber => CharacterKind.Digit,
            UnicodeCategory.Control => CharacterKind.Control,
            _ => CharacterKind.Other,
        };
    }
}
