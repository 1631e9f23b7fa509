namespace Llama2.Guard.Text;

/// <summary>
/// Finds all terms of a list in one pass over a text, however many terms there are. The automaton of Aho and Corasick (1975) finds candidates, in which
/// letters and the signs that stand for them are equal; each candidate is then compared with its term. Immutable and thread-safe.
/// </summary>
internal sealed class TermMatcher
{
    private readonly string[] _terms;
    private readonly Dictionary<(int Node, char Character), int> _children = [];
    private readonly List<int> _fallbacks = [0];
    private readonly List<int> _longestTerms = [-1];
    private readonly List<int> _shorterNodes = [-1];
    private readonly List<int> _depths = [0];
    private readonly int[] _sameTerms;

    /// <param name="terms">The terms, as <see cref="TextViews"/> fold them; none is empty.</param>
    public TermMatcher(IEnumerable<string> terms)
    {
        _terms = [.. terms];
        _sameTerms = new int[_terms.Length];
        for (int term = 0; term < _terms.Length; term++)
            Add(term);
        LinkFallbacks();
    }

    /// <summary>Finds all terms, including those that overlap. The time is proportional to the text's length plus the number of candidates.</summary>
    /// <param name="view">The folded text.</param>
    /// <param name="wholeWords">Whether a term must begin and end where a word does. Scripts without spaces between words are exempt.</param>
    /// <param name="isSpelled">
    /// Whether words were joined from single characters: a term of three or more may then also begin and end at a joint, because the characters before it may be words of one letter.
    /// </param>
    public IEnumerable<TermMatch> Find(MappedText view, bool wholeWords, bool isSpelled = false)
    {
        string text = view.Text;
        int node = 0;
        for (int position = 0; position < text.Length; position++)
        {
            node = Next(node, LetterSigns.ClassOf(text[position]));
            for (int found = _longestTerms[node] >= 0 ? node : _shorterNodes[node]; found >= 0; found = _shorterNodes[found])
            {
                for (int term = _longestTerms[found]; term >= 0; term = _sameTerms[term])
                {
                    int start = position + 1 - _terms[term].Length;
                    if (Equals(text.AsSpan(start, _terms[term].Length), _terms[term]) && (!wholeWords || IsWhole(view, start, position + 1, isSpelled && _terms[term].Length >= 3)))
                        yield return new TermMatch(term, start, _terms[term].Length);
                }
            }
        }
    }

    /// <summary>The start of the longest suffix of a text that is a term or the beginning of a term; the length of the text if there is none.</summary>
    /// <param name="view">The folded text.</param>
    public int FindBeginning(MappedText view)
    {
        int node = 0;
        foreach (char character in view.Text)
            node = Next(node, LetterSigns.ClassOf(character));
        return view.Text.Length - _depths[node];
    }

    private void Add(int term)
    {
        int node = 0;
        foreach (char character in _terms[term])
        {
            (int, char) key = (node, LetterSigns.ClassOf(character));
            if (!_children.TryGetValue(key, out int child))
            {
                child = _fallbacks.Count;
                _children.Add(key, child);
                _fallbacks.Add(0);
                _longestTerms.Add(-1);
                _shorterNodes.Add(-1);
                _depths.Add(_depths[node] + 1);
            }

            node = child;
        }

        _sameTerms[term] = _longestTerms[node];
        _longestTerms[node] = term;
    }

    // The fallback of a node is the node of its longest proper suffix. Parents come before their children if nodes are visited by depth.
    private void LinkFallbacks()
    {
        ILookup<int, (char Character, int Child)> children = _children.ToLookup(entry => entry.Key.Node, entry => (entry.Key.Character, entry.Value));
        var waiting = new Queue<int>([0]);
        while (waiting.TryDequeue(out int node))
        {
            foreach ((char character, int child) in children[node])
            {
                int fallback = node == 0 ? 0 : Next(_fallbacks[node], character);
                _fallbacks[child] = fallback;
                _shorterNodes[child] = _longestTerms[fallback] >= 0 ? fallback : _shorterNodes[fallback];
                waiting.Enqueue(child);
            }
        }
    }

    private int Next(int node, char character)
    {
        int child;
        while (!_children.TryGetValue((node, character), out child))
        {
            if (node == 0)
                return 0;
            node = _fallbacks[node];
        }

        return child;
    }

    // At most half of the characters may be signs, so that numbers are not words.
    private static bool Equals(ReadOnlySpan<char> text, string term)
    {
        int signCount = 0;
        for (int i = 0; i < term.Length; i++)
        {
            if (text[i] == term[i])
                continue;
            if (!LetterSigns.StandsFor(text[i], term[i]))
                return false;
            signCount++;
        }

        return 2 * signCount <= term.Length;
    }

    private static bool IsWhole(MappedText view, int start, int end, bool isSpelled) =>
        (start == 0 || !IsInWord(view.Text[start - 1]) || IsWithoutSpaces(view.Text[start]) || (isSpelled && view.IsJointAt(start)))
        && (end == view.Text.Length || !IsInWord(view.Text[end]) || IsWithoutSpaces(view.Text[end - 1]) || (isSpelled && view.IsJointAt(end)));

    private static bool IsInWord(char character) => char.IsLetterOrDigit(character) || char.IsSurrogate(character);

    // From Thai onwards, most scripts are written without spaces between words: Thai, Lao, Myanmar, Khmer, kana, Chinese.
    private static bool IsWithoutSpaces(char character) => character >= '\u0E00';
}
