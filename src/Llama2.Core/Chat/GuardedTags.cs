using Llama2.Tokenization;

namespace Llama2.Chat;

/// <summary>
/// The tags that messages must not forge in a prompt and that are ordinary text for its vocabulary. A tag that is a token, or contains one,
/// needs no guard, because data never becomes a control or a user-defined token.
/// </summary>
internal sealed class GuardedTags(LlamaTokenizer tokenizer)
{
    private readonly List<string> _tags = [];
    private readonly HashSet<string> _known = new(StringComparer.Ordinal);
    private string? _space;

    /// <summary>The tags, as <see cref="TagGuard"/> takes them.</summary>
    public IReadOnlyList<string> Texts => _tags;

    /// <summary>
    /// The spaces that break a tag: usually one. If a tag has spaces between two characters that are adjacent in some tag, it is one more
    /// space than the longest such run, so that breaking one tag never creates another.
    /// </summary>
    public string Space => _space ??= new string(' ', 1 + LongestBridge());

    public void Add(IEnumerable<string> tags)
    {
        foreach (string tag in tags)
        {
            if (!_known.Add(tag) || Array.Exists(tokenizer.FindSpecialTokens(tag), id => id >= 0 && tokenizer.IsTag(id)))
                continue;
            _tags.Add(tag.Replace(Vocabulary.EscapedSpace, ' '));
            _space = null;
        }
    }

    // The longest run of spaces in a tag between two characters that are adjacent in some tag.
    private int LongestBridge()
    {
        HashSet<(char, char)> neighbours = [.. _tags.SelectMany(tag => tag.Zip(tag.Skip(1)))];
        int longest = 0;
        foreach (string tag in _tags)
        {
            for (int start = tag.IndexOf(' ', StringComparison.Ordinal); start > 0; start = tag.IndexOf(' ', start))
            {
                int end = start;
                while (end < tag.Length && tag[end] == ' ')
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
