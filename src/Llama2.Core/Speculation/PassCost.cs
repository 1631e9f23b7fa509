namespace Llama2.Speculation;

/// <summary>
/// How long a pass takes, depending on its number of tokens: averages of measured passes. The kernels process tiles of four tokens, so the numbers of
/// tokens that fill the same number of tiles have one average. With 1.1 billion weights in Q4_0 and two threads (AMD EPYC, Zen 5), passes of 1, 4, 8,
/// 16 and 32 tokens take 39, 45, 64, 108 and 192 ms: a pass of few tokens waits for the weights to arrive from memory.
/// </summary>
internal sealed class PassCost
{
    /// <summary>The maximum number of tokens of a pass whose time is predicted.</summary>
    public const int MaxTokenCount = 128;

    /// <summary>The number of tokens that kernels process together, so that passes with equally many tiles take equally long.</summary>
    public const int TileTokenCount = 4;

    // The highest assumed time of an additional token, relative to the longest shorter pass that has been measured. A guess that is too low is soon
    // corrected by a measurement; one that is too high would prevent the measurement.
    private const double MaxTokenShare = 0.15;
    // The fraction by which the predicted time of a longer pass approaches the time of the newest pass, so that the effect of one wrong measurement fades.
    private const double Forgetting = 0.003;
    private const double NewestWeight = 0.25;
    private readonly double[] _seconds = new double[MaxTokenCount / TileTokenCount + 1];
    private double _secondsPerPromptToken;

    /// <summary>Whether the time of a pass can be predicted.</summary>
    public bool IsKnown { get; private set; }

    /// <summary>Records the time of a pass that decoded.</summary>
    /// <param name="tokenCount">The number of its tokens, 1 or more.</param>
    /// <param name="seconds">Its duration.</param>
    public void Add(int tokenCount, double seconds)
    {
        if (tokenCount > MaxTokenCount || seconds <= 0)
        {
            return;
        }

        int tiles = TilesOf(tokenCount);
        Blend(ref _seconds[tiles], seconds);
        IsKnown = true;
        for (int longer = tiles + 1; longer < _seconds.Length; longer++)
        {
            _seconds[longer] -= Forgetting * Math.Max(0, _seconds[longer] - _seconds[tiles]);
        }
    }

    /// <summary>Records the time of a pass that computed a prompt and nothing else.</summary>
    /// <param name="tokenCount">The number of its tokens, 1 or more.</param>
    /// <param name="seconds">Its duration.</param>
    public void AddPrompt(int tokenCount, double seconds)
    {
        // Shorter passes spend much of their time reading the weights.
        if (tokenCount >= 32 && seconds > 0)
        {
            Blend(ref _secondsPerPromptToken, seconds / tokenCount);
        }
    }

    /// <summary>
    /// The expected duration of a pass. A time that has not been measured is interpolated between the next shorter and the next longer measured pass. Beyond
    /// the longest measured pass, the time grows with the time of a prompt's token, which is assumed to be short. A pass is never expected to take less
    /// time than one with fewer tokens: on a machine that is shared, the speed of memory changes, and the shorter time may be an old one.
    /// </summary>
    /// <param name="tokenCount">The number of tokens, 1 or more.</param>
    public double SecondsFor(int tokenCount)
    {
        int tiles = Math.Min(TilesOf(tokenCount), _seconds.Length - 1), below = -1, above = tiles;
        double shorter = 0;
        for (int i = 0; i <= tiles; i++)
        {
            below = _seconds[i] > 0 ? i : below;
            shorter = Math.Max(shorter, _seconds[i]);
        }

        if (below == tiles)
        {
            return shorter;
        }

        while (above < _seconds.Length && _seconds[above] == 0)
        {
            above++;
        }

        if (below < 0)
        {
            return above < _seconds.Length ? _seconds[above] : 0;
        }

        int firstCount = Math.Max(1, below * TileTokenCount);
        return above < _seconds.Length
            ? shorter + Math.Max(0, _seconds[above] - shorter) * (tokenCount - firstCount) / (above * TileTokenCount - firstCount)
            : shorter + (tokenCount - firstCount) * Math.Min(_secondsPerPromptToken > 0 ? _secondsPerPromptToken : double.MaxValue, MaxTokenShare * shorter);
    }

    // A pass of one token is not counted as a tile: other kernels often compute it.
    private static int TilesOf(int tokenCount) => tokenCount == 1 ? 0 : (tokenCount + TileTokenCount - 1) / TileTokenCount;

    // Other programs can only make a pass slower. So a faster pass counts more than a slower one, and a much slower one counts as twice as slow.
    private static void Blend(ref double average, double newest)
        => average = average == 0 ? newest
            : newest < average ? (average + newest) / 2
            : average + NewestWeight * (Math.Min(newest, 2 * average) - average);
}
