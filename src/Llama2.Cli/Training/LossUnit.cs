using Llama2.Training;

namespace Llama2.Cli.Training;

/// <summary>The unit of the losses of a training run, and their value for a model that only guesses.</summary>
internal static class LossUnit
{
    /// <summary>The unit of a loss, for the axis of a picture.</summary>
    public static string Of(TrainingDataset data, TrainingOptions options) =>
        options.Preference is { Method: PreferenceMethod.Kto } ? "mean of rated answers" : data.Pairs.Count > 0 ? "nats a pair" : "nats a token";

    /// <summary>
    /// The loss of a model that gives each token of the vocabulary the same probability, and so both answers of a pair the same reward.
    /// </summary>
    public static double Guessing(TrainingDataset data, PreferenceOptions? preference, int vocabularySize) => preference switch
    {
        null => Math.Log(data.Pairs.Count > 0 ? 2 : vocabularySize),
        { Method: PreferenceMethod.Orpo } => Math.Log(vocabularySize) + preference.EffectiveBeta * Math.Log(2),
        { Method: PreferenceMethod.SimPo } => Math.Log(1 + Math.Exp(preference.EffectiveBeta * preference.MarginRatio)),
        { Method: PreferenceMethod.Kto } => Math.Max(preference.DesirableWeight, preference.UndesirableWeight) / 2,
        _ => Math.Log(2),
    };
}
