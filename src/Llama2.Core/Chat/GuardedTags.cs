using Llama2.Tokenization;

namespace Llama2.Chat;

/// <summary>
/// The tags that messages must not forge in a prompt and that the vocabulary encodes as ordinary text. A tag that is a token, or contains one, needs
/// no guarding, because data never becomes a control or a user-defined token.
/// </summary>
internal sealed class GuardedTags(ModelTokenizer tokenizer)
{
    private readonly List<string> _tags = [];
    private readonly HashSet<string> _known = new(StringComparer.Ordinal), _guarded = new(StringComparer.Ordinal);
    private string? _space;

    /// <summary>The tags as the vocabulary normalizes them, in the form that <see cref="TagGuard"/> takes: spaces are U+2581, and numbers are zeros.</summary>
    public IReadOnlyList<string> Texts => _tags;

    /// <summary>
    /// The text that is inserted to break a tag: usually one space, written U+2581. Two characters that are adjacent in one tag may be separated by a run of
    /// spaces in another tag. The inserted text is then one space longer than the longest such run, so that breaking one tag never forms another.
    /// </summary>
    public string Space => _space ??= new string(Vocabulary.EscapedSpace, 1 + LongestBridge());

    public void Add(IEnumerable<string> tags)
    {
        foreach (string tag in tags)
        {
            if (!_known.Add(tag) || Array.Exists(tokenizer.FindSpecialTokens(tag), id => id >= 0 && tokenizer.IsTag(id)))
                continue;
            string normalized = TagPattern.Generalize(new TagPattern(tag).IsLine ? $"\n{Normalize(tag[1..^1])}\n" : Normalize(tag));
            if (normalized.Trim('\n', '0').Length > 0 && normalized.Trim('\n').Length > 1 && _guarded.Add(normalized))
            {
                _tags.Add(normalized);
                _space = null;
            }
        }
    }

    // A character at a tag's edge may be normalized to a character with a space next to it; that space is then not part of the tag.
    private string Normalize(string tag)
    {
        using NormalizedText normalized = tokenizer.NormalizePrompt(tag, isStart: false);
        return normalized.Text.Trim(Vocabulary.EscapedSpace).ToString();
    }

    // The length of the longest run of spaces in a tag that separates two characters which are adjacent in some tag.
    private int LongestBridge()
    {
        // A zero represents a number, which may have several digits.
        HashSet<(char, char)> neighbours = [('0', '0'), .. _tags.SelectMany(tag => tag.Zip(tag.Skip(1)))];
        int longest = 0;
        foreach (string tag in _tags)
        {
            for (int start = tag.IndexOf(Vocabulary.EscapedSpace, StringComparison.Ordinal); start > 0; start = tag.IndexOf(Vocabulary.EscapedSpace, start))
            {
                int end = start;
                while (end < tag.Length && tag[end] == Vocabulary.EscapedSpace)
                    end++;
                if (end == tag.Length)
                    break;
                if (neighbours.Contains((tag[start - 1], tag[end])))
                    longest = Math.Max(longest, end - start);
                start = end;
            }
        }

        return longest;
    }
}
