using static System.FormattableString;

namespace Llama2.Training.Export;

/// <summary>Writes the settings that determine the result of training as one line for people, without the seed.</summary>
internal static class SettingsText
{
    public static string Of(TrainingOptions options) => string.Join(
        "; ",
        ((string?[])[
            options.Lora is { } lora ? Of(lora) : "all weights",
            Invariant($"learning rate {options.LearningRate:R} {options.Schedule}, warm-up {options.WarmupFraction:R}, final {options.FinalLearningRateFraction:R}"),
            Invariant($"{options.EpochCount} epochs{(options.MaxStepCount is { } steps ? Invariant($", at most {steps} steps") : "")}"),
            Invariant($"{options.BatchTokenCount} tokens a batch, {options.BatchesPerStep} batches a step"),
            Invariant($"AdamW β₁ {options.Beta1:R}, β₂ {options.Beta2:R}, weight decay {options.WeightDecay:R}{(options.QuantizeMoments ? ", 8 bits" : "")}"),
            Invariant($"gradient norm {options.MaxGradientNorm:R}"),
            options.BaseQuantization == BaseQuantization.Nf4 ? "frozen matrices in NF4" : null,
            options.QuantizeActivations ? "activations in 8 bits" : null,
            options.NeftuneAlpha > 0 ? Invariant($"NEFTune {options.NeftuneAlpha:R}") : null,
            options.Preference is { } preference ? Of(preference) : null,
            options.HoldsBest ? Invariant($"best of evaluations every {options.EvaluationInterval} steps{(options.Patience is { } patience ? Invariant($", patience {patience}") : "")}") : null,
        ]).OfType<string>());

    private static string Of(LoraOptions lora) => string.Join(
        ", ",
        ((string?[])[
            Invariant($"LoRA of rank {lora.Rank}, alpha {lora.Alpha:R}"),
            .. lora.RankPattern.Select(entry => Invariant($"rank {entry.Rank} for {entry.Pattern}")),
            .. lora.AlphaPattern.Select(entry => Invariant($"alpha {entry.Alpha:R} for {entry.Pattern}")),
            lora.UseRankStabilization ? "rsLoRA" : null,
            lora.UseWeightDecomposition ? "DoRA" : null,
            lora.Dropout > 0 ? Invariant($"dropout {lora.Dropout:R}") : null,
            lora.LoraPlusRatio != 1 ? Invariant($"LoRA+ {lora.LoraPlusRatio:R}") : null,
            lora.Targets == LoraTargets.All ? "all matrices of the layers" : $"matrices {lora.Targets}",
            lora.EmbeddingTokens.Count > 0 ? $"embeddings of the tokens {string.Join(' ', lora.EmbeddingTokens)}" : null,
            lora.OutputTokens.Count > 0 ? $"output rows of the tokens {string.Join(' ', lora.OutputTokens)}" : null,
            lora.SavedModules == SavedModules.None ? null : $"whole {PeftModules.TextOf(lora.SavedModules)}",
        ]).OfType<string>());

    private static string Of(PreferenceOptions preference) => Invariant($"preferences by {preference.Method}, beta {preference.EffectiveBeta:R}") + preference.Method switch
    {
        PreferenceMethod.SimPo => Invariant($", margin ratio {preference.MarginRatio:R}"),
        PreferenceMethod.Kto => Invariant($", weights {preference.DesirableWeight:R} and {preference.UndesirableWeight:R}"),
        _ => "",
    };
}
