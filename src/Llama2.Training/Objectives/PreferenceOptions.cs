using static System.FormattableString;

namespace Llama2.Training;

/// <summary>How preferences are learned. Immutable; values are checked when they are set.</summary>
public sealed record PreferenceOptions
{
    /// <summary>The method; <see cref="PreferenceMethod.Dpo"/> by default.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is not a member of the enumeration.</exception>
    public PreferenceMethod Method
    {
        get;
        init => field = Enum.IsDefined(value) ? value : throw new ArgumentOutOfRangeException(nameof(value), value, "It must be a member of the enumeration.");
    }

    /// <summary>
    /// β, above 0. For DPO and KTO, a greater β keeps the model nearer to the reference model. For SimPO, it is the scale of the rewards. For ORPO, it is
    /// the weight of the odds ratio (λ in the paper) relative to the loss of the chosen answer. Null (the default) for 0.1, or 2 for SimPO.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is out of range.</exception>
    public double? Beta
    {
        get;
        init => field = value is null or (> 0 and < double.PositiveInfinity) ? value : throw new ArgumentOutOfRangeException(nameof(value), value, "Beta must be a number above 0.");
    }

    /// <summary>
    /// SimPO's target margin γ as a fraction of β: how much greater the mean log-probability of the chosen answer should be than that of the rejected one.
    /// 0 or more; 0.5 by default.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is out of range.</exception>
    public double MarginRatio
    {
        get;
        init => field = value is >= 0 and < double.PositiveInfinity ? value : throw new ArgumentOutOfRangeException(nameof(value), value, "The ratio must be 0 or more.");
    } = 0.5;

    /// <summary>
    /// The weight of desirable answers in KTO, above 0; 1 by default. If there are many more answers of one kind, TRL advises weights with which
    /// weight · number of the desirable answers is 1 to 4/3 times that of the undesirable ones.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is out of range.</exception>
    public double DesirableWeight { get; init => field = CheckedWeight(value); } = 1;

    /// <summary>The weight of undesirable answers in KTO, above 0; 1 by default.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is out of range.</exception>
    public double UndesirableWeight { get; init => field = CheckedWeight(value); } = 1;

    /// <summary>
    /// Whether the method compares the model with a reference, which is the model before training. With adapters, this is the model without those that are
    /// trained. If all weights are trained, a copy of the original weights is kept in memory for it.
    /// </summary>
    public bool NeedsReference => Method is PreferenceMethod.Dpo or PreferenceMethod.Kto;

    /// <summary><see cref="Beta"/>, or its default for the method.</summary>
    public double EffectiveBeta => Beta ?? (Method == PreferenceMethod.SimPo ? 2 : 0.1);

    // The settings that affect the bits of the result.
    internal string Signature => Method switch
    {
        PreferenceMethod.SimPo => Invariant($"{Method} {EffectiveBeta:R} {MarginRatio:R}"),
        PreferenceMethod.Kto => Invariant($"{Method} {EffectiveBeta:R} {DesirableWeight:R} {UndesirableWeight:R}"),
        _ => Invariant($"{Method} {EffectiveBeta:R}"),
    };

    private static double CheckedWeight(double value)
        => value is > 0 and < double.PositiveInfinity ? value : throw new ArgumentOutOfRangeException(nameof(value), value, "A weight must be a number above 0.");
}
