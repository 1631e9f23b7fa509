using System.Diagnostics;

namespace Llama2.Sampling;

/// <summary>
/// "Don't repeat yourself" (p-e-w 2024, text-generation-webui pull request 5677): makes tokens that would continue a repetition less likely. The penalty
/// applies if the last n tokens occurred before, and n is at least the allowed length. Then multiplier · base^(n - allowed length) is subtracted from the logit
/// of the token that followed the earlier occurrence. If a token followed several earlier occurrences, the longest repetition counts for this token.
/// Repetitions do not extend back beyond a sequence breaker, and a token that is a breaker itself is not penalized. llama.cpp has the same rules.
/// </summary>
internal sealed class DryPenalty : ILogitProcessor
{
    private readonly double _multiplier, _base;
    private readonly int _allowedLength;
    private readonly SequenceBreakers _breakers;
    private readonly int[] _repeats;

    /// <param name="options">Multiplier, base, allowed length and window.</param>
    /// <param name="historyCapacity">
    /// The maximum number of tokens of prompt and answer together. If the history is longer, only the last tokens of the history are considered, up
    /// to this number.
    /// </param>
    /// <param name="breakers">The sequence breakers of the options, as tokens.</param>
    public DryPenalty(GenerationOptions options, int historyCapacity, SequenceBreakers breakers)
    {
        _multiplier = options.DryMultiplier;
        _base = options.DryBase;
        _allowedLength = options.DryAllowedLength;
        _breakers = breakers;
        _repeats = new int[Math.Min(historyCapacity, options.DryWindow ?? historyCapacity)];
    }

    public void Process(TokenCandidates candidates, ReadOnlySpan<int> history)
    {
        Debug.Assert(candidates.IsWhole);
        ReadOnlySpan<int> recent = history[Math.Max(0, history.Length - _repeats.Length)..];
        int limit = CountSinceBreaker(recent);
        if (limit < _allowedLength || recent.Length <= _allowedLength)
            return;

        Span<int> repeats = _repeats.AsSpan(0, recent.Length);
        FindRepeats(recent, limit, repeats);
        Span<int> longestOf = candidates.Counts;
        for (int distance = 1; distance < recent.Length; distance++)
        {
            ref int longest = ref longestOf[recent[^distance]];
            longest = Math.Max(longest, repeats[distance]);
        }

        Span<float> logits = candidates.Logits;
        for (int distance = 1; distance < recent.Length; distance++)
        {
            int token = recent[^distance], length = longestOf[token];
            longestOf[token] = 0;
            if (length >= _allowedLength && !float.IsNegativeInfinity(logits[token]) && !_breakers.Contain(token))
                logits[token] = Penalize(logits[token], length);
        }
    }

    // The number of tokens after the last breaker in the window.
    private int CountSinceBreaker(ReadOnlySpan<int> recent)
    {
        int count = 0;
        while (count < recent.Length && !_breakers.EndAt(recent[..^count]))
            count++;
        return count;
    }

    // The Z algorithm (Gusfield 1997, "Algorithms on strings, trees and sequences", §1.4) on the reversed tokens. It sets repeats[d] to the length of the
    // longest sequence that ends both at the end of the tokens and d tokens before that end. A length above the limit is replaced by the limit. The time is
    // linear,
    // because each successful comparison advances boxEnd.
    private static void FindRepeats(ReadOnlySpan<int> recent, int limit, Span<int> repeats)
    {
        // The last boxEnd - boxStart tokens are known to equal the tokens that are boxStart places before them.
        int boxStart = 0, boxEnd = 0;
        for (int distance = 1; distance < recent.Length; distance++)
        {
            int known = Math.Max(0, boxEnd - distance);
            int length = known == 0 ? 0 : Math.Min(known, repeats[distance - boxStart]);
            if (length == known)
            {
                while (length < limit && distance + length < recent.Length && recent[^(length + 1)] == recent[^(distance + length + 1)])
                    length++;
                (boxStart, boxEnd) = (distance, distance + length);
            }

            repeats[distance] = length;
        }
    }

    private float Penalize(float logit, int length) =>
        (float)Math.Max(logit - _multiplier * Math.Pow(_base, length - _allowedLength), float.MinValue);
}
