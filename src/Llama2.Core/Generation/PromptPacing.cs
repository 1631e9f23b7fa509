namespace Llama2.Generation;

/// <summary>
/// Decides how many tokens of prompts a pass takes while other sequences generate, so that the time from token to token at most doubles for
/// these (chunked prefill, Agrawal et al. 2024, "Sarathi-Serve"). What a sequence computes does not depend on it, only when.
/// </summary>
internal sealed class PromptPacing
{
    // Of the time of a pass without prompts; the rest up to the double is left to chance.
    private const double Share = 0.8;
    private const double NewestWeight = 0.25;
    private const int FirstLimit = 8;

    // The kernels take tokens four or eight at a time: beside 8 that decode, one more costs 22 ms and four more 30 ms (1.1B Q4_0).
    private const int TileTokenCount = 4;
    private double _decodeSeconds;
    // Of a pass, for its tokens of prompts alone; their quotient is a token's time. Each is averaged by itself, so that a pass of many tokens,
    // whose noise is divided among them, counts for more than one of a few.
    private double _promptSeconds;
    private double _promptTokenCount;
    // A few tokens may cost less than the clock and other programs add or take away: from such figures no pass is made much larger.
    private int _largestLimit = FirstLimit;

    /// <summary>Tokens of prompts for the next pass, 1 or more, where it also decodes.</summary>
    public int TokenLimit
        => _decodeSeconds <= 0 || _promptTokenCount <= 0
            ? FirstLimit
            : (int)Math.Clamp(Share * _decodeSeconds * _promptTokenCount / Math.Max(_promptSeconds, 1e-9), 1, _largestLimit);

    /// <summary>Tokens for the next pass, those that decode among them: in whole tiles, one of which may be for prompts whatever it costs.</summary>
    /// <param name="decodingCount">Tokens that decode.</param>
    public long BatchLimit(int decodingCount)
    {
        long whole = (long)decodingCount + TokenLimit;
        return Math.Max(whole - (whole % TileTokenCount), decodingCount + TileTokenCount - (decodingCount % TileTokenCount));
    }

    /// <summary>Whether a pass without prompts must be measured first.</summary>
    public bool NeedsDecodeTime => _decodeSeconds <= 0;

    /// <summary>Learns from a pass.</summary>
    /// <param name="promptTokenCount">Its tokens of prompts.</param>
    /// <param name="isDecoding">Whether it also decoded.</param>
    /// <param name="elapsed">Its time.</param>
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
