using System.Runtime.CompilerServices;
using static System.FormattableString;

namespace Llama2;

/// <summary>
/// How rotary position embedding is scaled to more tokens than a model was trained for. Created by <see cref="None"/>, <see cref="Linear"/>,
/// <see cref="NtkAware"/>, <see cref="DynamicNtk"/> and <see cref="Yarn"/>, which check their arguments. Immutable and thread-safe.
/// </summary>
/// <example><code>
/// var options = new LlamaModelOptions { RopeScaling = RopeScaling.Yarn(4), ContextLength = 16384 };
/// </code></example>
public sealed record RopeScaling
{
    /// <summary>The longest context of any model, scaled or not.</summary>
    internal const int MaxContextLength = 1 << 24;

    internal const float MaxFactor = 1024;
    internal const float MinAttentionFactor = 0.01f;
    internal const float MaxAttentionFactor = 100;
    internal const float MinBeta = 0.01f;
    internal const float MaxBeta = 1_000_000;
    internal const float DefaultBetaFast = 32;
    internal const float DefaultBetaSlow = 1;

    private RopeScaling(RopeScalingType type, float factor)
    {
        Type = type;
        Factor = Check(factor, 1, MaxFactor);
    }

    /// <summary>No scaling: the positions are the same as in training.</summary>
    public static RopeScaling None { get; } = new(RopeScalingType.None, 1);

    /// <summary>The method of scaling.</summary>
    public RopeScalingType Type { get; }

    /// <summary>
    /// The maximum ratio of the context length to the trained length, 1 to 1,024; 1 changes nothing. With <see cref="RopeScalingType.DynamicNtk"/>,
    /// this number is not that maximum, but controls how fast the base grows beyond the trained length.
    /// </summary>
    public float Factor { get; }

    /// <summary>
    /// YaRN: the context length in tokens before it was extended. Null takes the length that the file states, or the trained context length if the
    /// file states none.
    /// </summary>
    public int? OriginalContextLength { get; internal init; }

    /// <summary>
    /// YaRN: the fraction of the original frequency that fast pairs keep, 0 to 1. With 0, YaRN is linear scaling without attention temperature.
    /// </summary>
    public float ExtrapolationFactor { get; private init; } = 1;

    /// <summary>
    /// YaRN: the first of two factors by which queries and keys are multiplied, 0.01 to 100. The second factor, 0.1 · ln <see cref="Factor"/> + 1, applies the
    /// attention temperature.
    /// </summary>
    public float AttentionFactor { get; private init; } = 1;

    /// <summary>YaRN: pairs that make at least this many turns over the original context keep their frequency; 0.01 to 1,000,000.</summary>
    public float BetaFast { get; private init; } = DefaultBetaFast;

    /// <summary>
    /// YaRN: the frequency of pairs that make at most this many turns over the original context is divided by the whole factor; 0.01 to
    /// <see cref="BetaFast"/>.
    /// </summary>
    public float BetaSlow { get; private init; } = DefaultBetaSlow;

    /// <summary>
    /// YaRN: whether the ends of the ramp between kept and scaled frequencies are rounded outwards to whole pairs, as YaRN's authors do. Default
    /// true; false corresponds to <c>"truncate": false</c> in Hugging Face's configurations.
    /// </summary>
    public bool TruncatesRamp { get; private init; } = true;

    /// <summary>The maximum ratio of the context length to the trained length.</summary>
    internal double MaxStretch => Type == RopeScalingType.DynamicNtk ? 1 + (MaxFactor - 1) / Factor : Factor;

    /// <summary>Divides positions by a factor.</summary>
    /// <param name="factor">1 to 1,024.</param>
    /// <exception cref="ArgumentOutOfRangeException">The factor is out of range or NaN.</exception>
    public static RopeScaling Linear(float factor) => new(RopeScalingType.Linear, factor);

    /// <summary>Raises the base of the frequencies.</summary>
    /// <param name="factor">1 to 1,024.</param>
    /// <exception cref="ArgumentOutOfRangeException">The factor is out of range or NaN.</exception>
    public static RopeScaling NtkAware(float factor) => new(RopeScalingType.NtkAware, factor);

    /// <summary>
    /// Raises the base of the frequencies only as far as the context needs. Within the trained length nothing changes. For a context n times as long as the
    /// trained length, the base is that of <see cref="NtkAware"/> with the factor f · n − (f − 1), where f is <paramref name="factor"/>. The computed factor is
    /// limited to 1,024.
    /// </summary>
    /// <param name="factor">1 to 1,024.</param>
    /// <exception cref="ArgumentOutOfRangeException">The factor is out of range or NaN.</exception>
    public static RopeScaling DynamicNtk(float factor) => new(RopeScalingType.DynamicNtk, factor);

    /// <summary>Lowers the frequencies of slow pairs, keeps those of fast pairs, and sharpens attention.</summary>
    /// <param name="factor">1 to 1,024.</param>
    /// <param name="originalContextLength">
    /// The context length in tokens before it was extended, 1 to 16,777,216. Null takes the length that the file states, or the trained context
    /// length if the file states none.
    /// </param>
    /// <param name="extrapolationFactor">See <see cref="ExtrapolationFactor"/>.</param>
    /// <param name="attentionFactor">See <see cref="AttentionFactor"/>.</param>
    /// <param name="betaFast">See <see cref="BetaFast"/>.</param>
    /// <param name="betaSlow">See <see cref="BetaSlow"/>.</param>
    /// <param name="truncatesRamp">See <see cref="TruncatesRamp"/>.</param>
    /// <exception cref="ArgumentOutOfRangeException">
    /// An argument is out of its range or NaN, or <paramref name="betaFast"/> is less than <paramref name="betaSlow"/>.
    /// </exception>
    public static RopeScaling Yarn(
        float factor,
        int? originalContextLength = null,
        float extrapolationFactor = 1,
        float attentionFactor = 1,
        float betaFast = DefaultBetaFast,
        float betaSlow = DefaultBetaSlow,
        bool truncatesRamp = true)
    {
        if (originalContextLength is int length)
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(length, 1, nameof(originalContextLength));
            ArgumentOutOfRangeException.ThrowIfGreaterThan(length, MaxContextLength, nameof(originalContextLength));
        }

        Check(betaSlow, MinBeta, MaxBeta);
        return new(RopeScalingType.Yarn, factor)
        {
            OriginalContextLength = originalContextLength,
            ExtrapolationFactor = Check(extrapolationFactor, 0, 1),
            AttentionFactor = Check(attentionFactor, MinAttentionFactor, MaxAttentionFactor),
            BetaFast = Check(betaFast, betaSlow, MaxBeta),
            BetaSlow = betaSlow,
            TruncatesRamp = truncatesRamp,
        };
    }

    /// <summary>The scaling for a context of a given length. A dynamic scaling is replaced by the static scaling that its formula gives for this
    /// length.</summary>
    /// <param name="trainedLength">The context length that the model was trained for, in tokens.</param>
    /// <param name="contextLength">The desired context length in tokens, at most <see cref="MaxStretch"/> times the trained length.</param>
    internal RopeScaling For(int trainedLength, int contextLength) =>
        Type != RopeScalingType.DynamicNtk ? this
        : contextLength <= trainedLength ? None
        // The length is within its limit, but the computed factor may exceed MaxFactor because of rounding.
        : NtkAware((float)Math.Min(MaxFactor, Factor * ((double)contextLength / trainedLength) - (Factor - 1)));

    // The condition is false for NaN, so NaN is refused.
    private static float Check(float value, float min, float max, [CallerArgumentExpression(nameof(value))] string name = "")
        => value >= min && value <= max
            ? value
            : throw new ArgumentOutOfRangeException(name, value, Invariant($"It must be a number from {min} to {max}."));
}
