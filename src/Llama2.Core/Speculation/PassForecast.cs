namespace Llama2.Speculation;

/// <summary>
/// Decides how many guesses a pass computes: as many as make the expected number of tokens for each second of the pass highest. The object is reused from pass
/// to pass. At the beginning of a pass, it has the number of tokens that the pass computes without guesses.
/// </summary>
/// <param name="cost">The durations of passes.</param>
internal sealed class PassForecast(PassCost cost)
{
    // Guesses that promise less than this are not worth the risk that the prediction is wrong.
    private const double LeastGain = 1.03;
    private int _tokenCount;
    private double _expectedCount;
    private double _plainSeconds;
    private double _plannedSeconds;
    private int _guessCount;

    /// <summary>The number of guesses that there is still room for.</summary>
    public int Room { get; private set; }

    /// <summary>The number of sequences that the pass decodes.</summary>
    public int SequenceCount { get; private set; }

    /// <summary>The time of a token if nothing is guessed, in seconds; 0 if it is not known.</summary>
    public double SecondsPerToken { get; private set; }

    /// <summary>The time by which each computed guess prolonged the pass, in seconds, 0 or more; known when the pass has ended.</summary>
    public double SecondsPerGuess { get; private set; }

    /// <summary>Begins a pass.</summary>
    /// <param name="sequenceCount">The number of sequences that the pass decodes.</param>
    /// <param name="tokenCount">The number of their known tokens.</param>
    /// <param name="capacity">The maximum number of tokens including guesses.</param>
    public void Begin(int sequenceCount, int tokenCount, int capacity)
    {
        _tokenCount = tokenCount;
        _expectedCount = SequenceCount = sequenceCount;
        Room = sequenceCount == 0 ? 0 : Math.Max(0, capacity - tokenCount);
        _plainSeconds = Room > 0 && cost.IsKnown ? cost.SecondsFor(tokenCount) : 0;
        SecondsPerToken = _plainSeconds > 0 ? _plainSeconds / sequenceCount : 0;
        _guessCount = 0;
        _plannedSeconds = SecondsPerGuess = 0;
    }

    /// <summary>Chooses the number of guesses of one sequence that the pass computes.</summary>
    /// <param name="probability">The probability that a guess is right if those before it are.</param>
    /// <param name="available">The number of guesses, 1 or more.</param>
    /// <param name="maxSeconds">The maximum time by which the guesses may prolong the pass.</param>
    /// <param name="secondsPerGuess">The time that it takes to make a guess.</param>
    /// <returns>The number, 0 to <paramref name="available"/>.</returns>
    public int Choose(double probability, int available, double maxSeconds, double secondsPerGuess = 0)
    {
        double plainSeconds = cost.SecondsFor(_tokenCount), best = LeastGain * _expectedCount / plainSeconds, expected = 0, right = 1;
        int chosen = 0, limit = Math.Min(available, Room);
        for (int count = 1; count <= limit; count++)
        {
            right *= probability;
            expected += right;
            // All numbers of tokens in a tile cost the same, so only full tiles are tried.
            if ((_tokenCount + count) % PassCost.TileTokenCount != 0 && count < limit && secondsPerGuess == 0)
            {
                continue;
            }

            double seconds = cost.SecondsFor(_tokenCount + count) + count * secondsPerGuess;
            if (seconds - plainSeconds > maxSeconds)
            {
                break;
            }

            double rate = (_expectedCount + expected) / seconds;
            if (rate > best)
            {
                (best, chosen) = (rate, count);
            }
        }

        return chosen;
    }

    /// <summary>Adds a sequence's guesses to the pass.</summary>
    /// <param name="count">The number of guesses.</param>
    /// <param name="probability">The probability that a guess is right if those before it are.</param>
    public void Add(int count, double probability)
    {
        double before = cost.SecondsFor(_tokenCount);
        _tokenCount += count;
        _guessCount += count;
        Room -= count;
        _expectedCount += probability * (1 - Math.Pow(probability, count)) / (1 - probability);
        _plannedSeconds += cost.SecondsFor(_tokenCount) - before;
    }

    /// <summary>Ends the pass.</summary>
    /// <param name="seconds">Its duration.</param>
    // Other programs, and kernels that are compiled, can prolong a pass too, so the time that is attributed to the guesses is limited.
    public void End(double seconds)
        => SecondsPerGuess = _guessCount == 0 ? 0 : Math.Clamp(seconds - _plainSeconds, 0, _plannedSeconds + _plainSeconds) / _guessCount;
}
