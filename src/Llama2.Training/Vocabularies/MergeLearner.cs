using System.Text;

namespace Llama2.Training.Vocabularies;

/// <summary>
/// Learns merges: repeatedly selects the text into which the most pairs of neighbouring parts of words can be merged. After each merge, words are
/// split as the encoder would split them with the tokens found so far. Two neighbouring parts are merged if together they are a token. If there are
/// several such pairs, the pair whose token was learned first is merged first, and among equal pairs the leftmost.
/// </summary>
internal sealed class MergeLearner
{
    private readonly int _maximumLength;
    private readonly HashSet<string> _alphabet;
    private readonly string[] _words;
    private readonly long[] _counts;
    // For each word, the start of each of its parts, and the end of the word.
    private readonly List<int>[] _bounds;
    private readonly Dictionary<string, MergeCandidate> _candidates = [];
    private readonly Dictionary<string, MergeCandidate>.AlternateLookup<ReadOnlySpan<char>> _lookup;
    private readonly PriorityQueue<MergeCandidate, MergePriority> _queue = new();
    private readonly HashSet<MergeCandidate> _changed = [];
    private readonly List<string> _merged = [];

    /// <param name="wordCounts">The words, and how often each word occurs.</param>
    /// <param name="alphabet">The characters that may be part of a token.</param>
    /// <param name="maximumLength">The maximum length of a token in UTF-16 characters.</param>
    public MergeLearner(IReadOnlyDictionary<string, long> wordCounts, IEnumerable<string> alphabet, int maximumLength)
    {
        _maximumLength = maximumLength;
        _alphabet = [.. alphabet];
        _words = [.. wordCounts.Keys];
        _counts = [.. _words.Select(word => wordCounts[word])];
        _bounds = [.. _words.Select(BoundsOfCharacters)];
        _lookup = _candidates.GetAlternateLookup<ReadOnlySpan<char>>();
        for (int word = 0; word < _words.Length; word++)
        {
            CountPairs(word, _counts[word]);
        }

        EnqueueChanged();
    }

    /// <summary>Learns tokens, and returns their texts in the order of merging. They are fewer than requested if nothing is left to merge.</summary>
    public IReadOnlyList<string> Learn(int count, IProgress<double>? progress, CancellationToken cancellationToken)
    {
        int reportInterval = Math.Max(1, count / 100);
        while (_merged.Count < count && _queue.TryDequeue(out MergeCandidate? best, out MergePriority priority))
        {
            cancellationToken.ThrowIfCancellationRequested();
            // The queue has each candidate with the count at the time when it was added. If the count has changed since then, the candidate was added
            // again, and this older entry is ignored.
            if (best.Order >= 0 || best.Count != priority.Count)
            {
                continue;
            }

            best.Order = _merged.Count;
            _merged.Add(best.Text);
            foreach (int word in best.Words.ToArray())
            {
                CountPairs(word, -_counts[word]);
                MergeAll(word);
                CountPairs(word, _counts[word]);
            }

            best.Words.Clear();
            EnqueueChanged();
            if (_merged.Count % reportInterval == 0 || _merged.Count == count)
            {
                progress?.Report((double)_merged.Count / count);
            }
        }

        return _merged;
    }

    private void MergeAll(int word)
    {
        List<int> bounds = _bounds[word];
        while (true)
        {
            int first = -1, order = int.MaxValue;
            for (int i = 1; i < bounds.Count - 1; i++)
            {
                if (_lookup.TryGetValue(PairAround(word, i), out MergeCandidate? candidate) && candidate.Order >= 0 && candidate.Order < order)
                {
                    (first, order) = (i, candidate.Order);
                }
            }

            if (first < 0)
            {
                return;
            }

            bounds.RemoveAt(first);
        }
    }

    private void CountPairs(int word, long change)
    {
        List<int> bounds = _bounds[word];
        int lastBound = -1;
        MergeCandidate? last = null;
        for (int i = 1; i < bounds.Count - 1; i++)
        {
            ReadOnlySpan<char> pair = PairAround(word, i);
            if (pair.Length > _maximumLength || !IsInAlphabet(word, bounds[i - 1], bounds[i]) || !IsInAlphabet(word, bounds[i], bounds[i + 1]))
            {
                continue;
            }

            if (!_lookup.TryGetValue(pair, out MergeCandidate? candidate))
            {
                string text = pair.ToString();
                _candidates.Add(text, candidate = new MergeCandidate(text));
            }

            // In "aaa", only one "aa" can be merged, because the two occurrences overlap.
            if (candidate == last && lastBound == i - 1)
            {
                last = null;
                continue;
            }

            (last, lastBound) = (candidate, i);
            candidate.Count += change;
            candidate.Words.Add(word);
            _changed.Add(candidate);
        }
    }

    private void EnqueueChanged()
    {
        foreach (MergeCandidate candidate in _changed)
        {
            if (candidate.Count > 0)
            {
                _queue.Enqueue(candidate, new MergePriority(candidate.Count, candidate.Text));
            }
        }

        _changed.Clear();
    }

    private ReadOnlySpan<char> PairAround(int word, int bound) => _words[word].AsSpan(_bounds[word][bound - 1].._bounds[word][bound + 1]);

    // A part with several characters has been merged, so its characters are in the alphabet. Only a single character must be looked up.
    private bool IsInAlphabet(int word, int start, int end)
    {
        ReadOnlySpan<char> part = _words[word].AsSpan(start..end);
        bool isCharacter = part.Length == 1 || (part.Length == 2 && char.IsHighSurrogate(part[0]));
        return !isCharacter || _alphabet.GetAlternateLookup<ReadOnlySpan<char>>().Contains(part);
    }

    private static List<int> BoundsOfCharacters(string word)
    {
        List<int> bounds = [0];
        foreach (Rune character in word.EnumerateRunes())
        {
            bounds.Add(bounds[^1] + character.Utf16SequenceLength);
        }

        return bounds;
    }
}
