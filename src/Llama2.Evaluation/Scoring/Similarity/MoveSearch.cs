namespace Llama2.Evaluation.Scoring.Similarity;

/// <summary>
/// Searches for the sequence of words whose move to another place brings an answer closest to the reference, with the limits and the order of preference of
/// Tercom and sacrebleu, on which the result depends.
/// </summary>
/// <param name="answer">The words of the answer.</param>
/// <param name="reference">The words of the reference.</param>
/// <param name="edits">Measures the distance from the reference.</param>
internal sealed class MoveSearch(string[] answer, string[] reference, WordEdits edits)
{
    private const int MaxLength = 10, MaxDistance = 50;

    // Among moves with equal gains, the longest sequence is chosen, then the first one, then the first place.
    private (int Gain, int Length, int Start, int Target)? _best;
    private string[]? _words;

    /// <summary>How much smaller the distance is after the best move; 0 if there is no move.</summary>
    public int Gain => _best?.Gain ?? 0;

    /// <summary>The words after the best move.</summary>
    public string[] Words => _words ?? answer;

    /// <summary>Tries moves until the limit is reached.</summary>
    /// <param name="candidateCount">The number of moves that were tried before.</param>
    /// <param name="maxCandidates">The limit, at which the search ends with the current sequence.</param>
    /// <returns>The number of moves that have been tried now.</returns>
    public int Run(int candidateCount, int maxCandidates)
    {
        (int distance, EditStep[] steps) = edits.Measure(answer);
        var alignment = new WordAlignment(steps, answer.Length, reference.Length);
        foreach ((int start, int place, int length) in CommonSequences())
        {
            int aligned = alignment.PositionOf(place);
            if (!alignment.HasAnswerError(start, length) || !alignment.HasReferenceError(place, length) || (start <= aligned && aligned < start + length))
                continue;
            int last = -1;
            for (int offset = -1; offset < length; offset++)
            {
                int target = place + offset == -1 ? 0 : alignment.PositionOf(place + offset) + 1;
                if (target == last)
                    continue;
                last = target;
                Try(distance, start, length, target);
                candidateCount++;
            }

            if (candidateCount >= maxCandidates)
                break;
        }

        return candidateCount;
    }

    private void Try(int distance, int start, int length, int target)
    {
        string[] moved = Move(start, length, target);
        var candidate = (distance - edits.Distance(moved), length, -start, -target);
        if (_best is { } best && candidate.CompareTo(best) <= 0)
            return;
        _best = candidate;
        _words = moved;
    }

    private IEnumerable<(int Start, int Place, int Length)> CommonSequences()
    {
        for (int start = 0; start < answer.Length; start++)
        {
            int end = Math.Min(reference.Length, start + MaxDistance + 1);
            for (int place = Math.Max(0, start - MaxDistance); place < end; place++)
            {
                int limit = Math.Min(MaxLength, Math.Min(answer.Length - start, reference.Length - place));
                for (int length = 1; length <= limit && answer[start + length - 1] == reference[place + length - 1]; length++)
                    yield return (start, place, length);
            }
        }
    }

    private string[] Move(int start, int length, int target)
    {
        int end = start + length;
        if (target < start)
            return [.. answer[..target], .. answer[start..end], .. answer[target..start], .. answer[end..]];
        if (target > end)
            return [.. answer[..start], .. answer[end..target], .. answer[start..end], .. answer[target..]];
        // Within the sequence: the words after it go before it.
        int after = Math.Min(length + target, answer.Length);
        return [.. answer[..start], .. answer[end..after], .. answer[start..end], .. answer[after..]];
    }
}
