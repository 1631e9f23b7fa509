namespace Llama2.Generation;

/// <summary>
/// Decides how many tokens of prompts a pass computes while other sequences generate, so that the time between two tokens of a generating sequence at
/// most doubles (chunked prefill, Agrawal et al. 2024, "Sarathi-Serve"). The number affects the time at which a sequence is computed, but not its
/// results.
/// </summary>
internal sealed class PromptPacing
{
    // The time that a pass may spend on prompts, as a fraction of the time of a pass without prompts. A fraction of 1 would double the time of a
    // pass; this one is lower by 0.2 as a margin, because measured times vary.
    private const double Share = 0.8;
    private const double NewestWeight = 0.25;
    private const int FirstLimit = 8;

    // The kernels process a tile of four or eight tokens at a time, so some tokens of a tile cost little. With a model of 1.1 billion weights in Q4_0
    // and 8 decoding tokens, one more token costs 22 ms, but four more cost only 30 ms.
    private const int TileTokenCount = 4;
    private double _decodeSeconds;
    // The average time that prompt tokens add to a pass, and the average number of prompt tokens in a pass; the quotient is the time of one token.
    // The two are averaged separately, so that a pass of many tokens, whose time is measured more precisely, has more weight than a pass of few
    // tokens.
    private double _promptSeconds;
    private double _promptTokenCount;
    // The time of a few tokens cannot be measured precisely, because the clock is coarse and other programs interfere. The limit therefore never
    // exceeds twice the largest number of prompt tokens that a pass has computed, or the first limit if that is higher.
    private int _largestLimit = FirstLimit;

    /// <summary>The maximum number of prompt tokens for the next pass, 1 or more, if that pass also decodes.</summary>
    public int TokenLimit
        => _decodeSeconds <= 0 || _promptTokenCount <= 0
            ? FirstLimit
            : (int)Math.Clamp(Share * _decodeSeconds * _promptTokenCount / Math.Max(_promptSeconds, 1e-9), 1, _largestLimit);

    /// <summary>
    /// The number of tokens for the next pass, including those that decode: a whole number of tiles. Whatever the cost is, prompts get at least the places that
    /// the decoding tokens leave free in their last tile. If the decoding tokens leave no place free, prompts get a whole tile.
    /// </summary>
    /// <param name="decodingCount">The number of tokens that decode.</param>
    public long BatchLimit(int decodingCount)
    {
        long whole = (long)decodingCount + TokenLimit;
        return Math.Max(whole - (whole % TileTokenCount), decodingCount + TileTokenCount - (decodingCount % TileTokenCount));
    }

    /// <summary>Whether a pass without prompts must be measured first.</summary>
    public bool NeedsDecodeTime => _decodeSeconds <= 0;

    /// <summary>Records the time of a pass.</summary>
    /// <param name="promptTokenCount">The number of its prompt tokens.</param>
    /// <param name="isDecoding">Whether the pass also computed decoding sequences.</param>
    /// <param name="elapsed">The duration of the pass.</param>
    public void Add(int promptTokenCount, bool isDecoding, TimeSpan elapsed)
    {
        if (promptTokenCount == 0)
        {
            Blend(ref _decodeSeconds, elapsed.TotalSeconds, NeedsDecodeTime ? 1 : NewestWeight);
        }
        else if (isDecoding)
        {
            _largestLimit = (int)Math.Clamp(2L * promptTokenCount, _largestLimit, int.MaxValue);
            double newestWeight = _promptTokenCount <= 0 ? 1 : NewestWeight;
            Blend(ref _promptSeconds, elapsed.TotalSeconds - _decodeSeconds, newestWeight);
            Blend(ref _promptTokenCount, promptTokenCount, newestWeight);
        }
    }

    private static void Blend(ref double average, double newest, double newestWeight) => average += newestWeight * (newest - average);
}
