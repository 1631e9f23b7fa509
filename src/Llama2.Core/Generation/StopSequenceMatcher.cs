namespace Llama2.Generation;

/// <summary>
/// Finds stop sequences in text that comes in pieces, and holds back the end of the text while that end may be the beginning of a stop sequence. Each
/// sequence is matched by the algorithm of Knuth, Morris and Pratt (1977), so the cost per character is the same even for sequences that repeat
/// themselves. Allocates nothing while no sequence is partly matched.
/// </summary>
internal sealed class StopSequenceMatcher(IReadOnlyList<string> sequences)
{
    private readonly Automaton[] _automata = [.. sequences.Select(sequence => new Automaton(sequence))];
    private string _held = "";

    /// <summary>
    /// The complete stop sequence, before which the text ends; null if none is complete yet. If one character completes several, this is the longest.
    /// </summary>
    public string? Found { get; private set; }

    /// <summary>Processes the next piece of text, and sets <see cref="Found"/> if the piece completes a stop sequence.</summary>
    /// <param name="piece">The piece.</param>
    /// <returns>The text that is certain not to belong to a stop sequence, and has not been returned before.</returns>
    public string Append(string piece)
    {
        if (_automata.Length == 0 || piece.Length == 0)
        {
            return piece;
        }

        for (int i = 0; i < piece.Length; i++)
        {
            if (Feed(piece[i]) is { } found)
            {
                Found = found;
                int length = _held.Length + i + 1 - found.Length;
                string text = string.Concat(_held, piece)[..length];
                _held = "";
                return text;
            }
        }

        int matched = 0;
        foreach (Automaton automaton in _automata)
        {
            matched = Math.Max(matched, automaton.MatchedLength);
        }

        if (_held.Length == 0 && matched == 0)
        {
            return piece;
        }

        string all = string.Concat(_held, piece);
        _held = all[^matched..];
        return all[..^matched];
    }

    /// <summary>Ends the text that is searched: returns the text that was held back. Text that follows is searched on its own.</summary>
    public string Flush()
    {
        string text = _held;
        _held = "";
        foreach (Automaton automaton in _automata)
        {
            automaton.Reset();
        }

        return text;
    }

    // The longest sequence that this character completes, or null.
    private string? Feed(char character)
    {
        string? longest = null;
        foreach (Automaton automaton in _automata)
        {
            if (automaton.Feed(character) && automaton.Sequence.Length > (longest?.Length ?? 0))
            {
                longest = automaton.Sequence;
            }
        }

        return longest;
    }

    private sealed class Automaton
    {
        private readonly string _sequence;
        private readonly int[] _failure;

        public Automaton(string sequence)
        {
            _sequence = sequence;
            _failure = new int[sequence.Length];
            for (int i = 1, length = 0; i < sequence.Length; i++)
            {
                while (length > 0 && sequence[i] != sequence[length])
                {
                    length = _failure[length - 1];
                }

                _failure[i] = length += sequence[i] == sequence[length] ? 1 : 0;
            }
        }

        public string Sequence => _sequence;

        // The length of the sequence's longest prefix that is a suffix of the text.
        public int MatchedLength { get; private set; }

        public void Reset() => MatchedLength = 0;

        public bool Feed(char character)
        {
            while (MatchedLength > 0 && _sequence[MatchedLength] != character)
            {
                MatchedLength = _failure[MatchedLength - 1];
            }

            MatchedLength += _sequence[MatchedLength] == character ? 1 : 0;
            return MatchedLength == _sequence.Length;
        }
    }
}
