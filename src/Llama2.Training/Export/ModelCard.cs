using System.Globalization;
using System.Text;
using System.Text.Json;
using Llama2.Training.Checkpoints;
using Llama2.Training.Model;
using static System.FormattableString;

namespace Llama2.Training.Export;

/// <summary>
/// Writes a model card: YAML front matter, which Hugging Face's hub reads, then Markdown for people. The card has no information about the machine.
/// </summary>
internal sealed class ModelCard(
    ModelCardOptions card, TrainingOptions options, LoraLayout? layout, ModelConfiguration shape, TrainedData data, IReadOnlyList<TrainingStep> steps, ValidationRecord validation,
    long parameterCount, string form)
{
    private const int MaxRowCount = 20;
    private readonly StringBuilder _text = new();

    public override string ToString()
    {
        _text.Clear();
        WriteFrontMatter();
        WriteIntroduction();
        WriteSettings();
        WriteData();
        WriteResult();
        return _text.ToString();
    }

    private string Schedule =>
        options.Schedule == LearningRateSchedule.Constant ? "constant"
        : Invariant($"{(options.Schedule == LearningRateSchedule.Cosine ? "falling along a cosine" : "falling linearly")} to {(options.FinalLearningRateFraction > 0 ? Invariant($"{options.FinalLearningRateFraction} of it") : "0")}");

    private bool IsAdapter => options.Lora is not null && !card.DescribeMergedModel;

    private bool IsOfPairs => data.Preference is { Method: not PreferenceMethod.Kto };

    private string BaseModel => card.BaseModel ?? (shape.Name.Length > 0 ? shape.Name : "unnamed");

    private void WriteFrontMatter()
    {
        Line("---");
        // Strings are written as in JSON, because a JSON string is also a valid YAML string.
        Line($"base_model: {Quote(BaseModel)}");
        Line($"base_model_relation: {(IsAdapter ? "adapter" : "finetune")}");
        if (card.License is not null)
        {
            Line($"license: {Quote(card.License)}");
        }

        Line($"library_name: {form}");
        Line("pipeline_tag: text-generation");
        Line("tags:");
        foreach (string tag in (string[])["llama", "llama-2", .. options.Lora is null ? [] : (string[])["lora"], .. form == "gguf" ? ["gguf"] : (string[])[], data.Preference?.Method.ToString().ToLowerInvariant() ?? "sft"])
        {
            Line($"- {tag}");
        }

        Line("---");
    }

    private void WriteIntroduction()
    {
        Line();
        Line($"# {Text(card.Title ?? BaseModel)}");
        Line();
        string what = layout is null ? $"All weights of **{Text(BaseModel)}**"
            : IsAdapter ? Invariant($"A LoRA adapter of rank {layout.DescribeRanks()} for **{Text(BaseModel)}**")
            : Invariant($"**{Text(BaseModel)}** with a LoRA adapter of rank {layout.DescribeRanks()} merged into its weights");
        string unchanged = IsAdapter ? ", and nothing else was changed" : "";
        string how = data.Preference?.Method switch
        {
            null => "trained to predict the marked tokens of samples",
            PreferenceMethod.Dpo => "trained from preferences, by direct preference optimization",
            PreferenceMethod.Orpo => "trained from preferences, by odds ratio preference optimization",
            PreferenceMethod.SimPo => "trained from preferences, by simple preference optimization",
            _ => "trained from ratings of answers, by Kahneman-Tversky optimization",
        };
        Line(Invariant($"{what}, {how}: {parameterCount:N0} parameters were trained with Llama2.Training{unchanged}."));
        if (!IsAdapter)
        {
            WriteWeights();
        }
    }

    private void WriteWeights()
    {
        Line();
        string survival = card.Merge is { } merge ? Invariant($" {merge.Survival:P1} of the adapter's change is in the written weights.") : "";
        Line($"This is a whole model, which needs no adapter{(card.Quantization is { } quantization ? $"; its weights are in {quantization}" : "")}.{survival}");
    }

    private void WriteSettings()
    {
        Line();
        Line("## Settings");
        Line();
        Line("| setting | value |");
        Line("|---|---|");
        if (options.Lora is { } lora)
        {
            WriteAdapter(lora, layout!);
        }

        if (options.NewTokens.Count > 0)
        {
            Row("tokens added to the vocabulary", string.Join(", ", options.NewTokens.Take(MaxRowCount).Select(token => Text(token.Text)))
                + (options.NewTokens.Count > MaxRowCount ? Invariant($" and {options.NewTokens.Count - MaxRowCount:N0} more") : ""));
        }

        Row("learning rate", Invariant($"{options.LearningRate}, {Schedule}, warm-up over {options.WarmupFraction} of the steps"));
        if (options.NeftuneAlpha > 0)
        {
            Row("α of the noise on embeddings (NEFTune)", Invariant($"{options.NeftuneAlpha}"));
        }

        Row("optimizer", Invariant($"AdamW, β₁ {options.Beta1}, β₂ {options.Beta2}, weight decay {options.WeightDecay}{(options.QuantizeMoments ? ", moments in 8 bits" : "")}"));
        Row("maximum gradient norm", Invariant($"{options.MaxGradientNorm}"));
        Row("maximum number of epochs", Invariant($"{options.EpochCount}"));
        Row("tokens per batch, batches per step", Invariant($"{options.BatchTokenCount:N0}, {options.BatchesPerStep:N0}"));
        if (data.Preference is { } preference)
        {
            WritePreference(preference);
        }

        if (options is { Lora: not null, BaseQuantization: BaseQuantization.Nf4 })
        {
            Row("frozen matrices", "NF4 with double quantization");
        }

        if (options.QuantizeActivations)
        {
            Row("activations of quantized layers", "in 8 bits");
        }

        if (data.ValidationCount > 0)
        {
            Row("validation", Invariant($"every {options.EvaluationInterval:N0} steps{(options.Patience is { } patience ? Invariant($", stops after {patience:N0} without a smaller loss") : "")}"));
        }

        Row("seed", Invariant($"{options.Seed}"));
    }

    private void WritePreference(PreferenceOptions preference)
    {
        Row("β of the preferences", Invariant($"{preference.EffectiveBeta}"));
        if (preference.Method == PreferenceMethod.SimPo)
        {
            Row("target margin, as a fraction of β", Invariant($"{preference.MarginRatio}"));
        }
        else if (preference.Method == PreferenceMethod.Kto)
        {
            Row("weights of desirable and undesirable answers", Invariant($"{preference.DesirableWeight}, {preference.UndesirableWeight}"));
        }
    }

    private void WriteAdapter(LoraOptions lora, LoraLayout layout)
    {
        if (lora.InitialAdapterPath is { } initial)
        {
            Row("continues the adapter", Text(Path.GetFileName(Path.TrimEndingDirectorySeparator(initial))));
            Row("LoRA rank, dropout", Invariant($"{layout.DescribeRanks()}, {lora.Dropout}"));
        }
        else
        {
            Row("LoRA rank, alpha, dropout", Invariant($"{lora.Rank}, {lora.Alpha}, {lora.Dropout}"));
            foreach ((string name, IEnumerable<string> entries) in (ReadOnlySpan<(string, IEnumerable<string>)>)
                [("ranks by pattern", lora.RankPattern.Select(entry => Invariant($"{entry.Pattern}={entry.Rank}"))), ("alphas by pattern", lora.AlphaPattern.Select(entry => Invariant($"{entry.Pattern}={entry.Alpha}")))])
            {
                if (entries.Any())
                {
                    Row(name, Text(string.Join(", ", entries)));
                }
            }

            Row("scale of the adapter", Invariant($"{lora.Scale} ({(lora.UseRankStabilization ? "alpha / √rank" : "alpha / rank")})"));
            Row("adapted layers", $"{lora.Targets}");
        }

        if (layout.HasMagnitudes)
        {
            Row("magnitudes of rows (DoRA)", "trained");
        }

        if (lora.SavedModules != SavedModules.None)
        {
            Row("tensors trained as a whole", PeftModules.TextOf(lora.SavedModules));
        }

        foreach ((string name, IReadOnlyList<int> tokens) in (ReadOnlySpan<(string, IReadOnlyList<int>)>)[("embeddings", lora.EmbeddingTokens), ("output matrix", lora.OutputTokens)])
        {
            if (tokens.Count > 0)
            {
                Row($"trained rows of the {name}", Invariant($"those of the tokens {string.Join(", ", tokens.Take(20))}{(tokens.Count > 20 ? " …" : "")}"));
            }
        }

        foreach ((string path, float scale) in lora.FrozenAdapters)
        {
            Row("trained on top of the adapter, and to be used with it", Invariant($"{Text(Path.GetFileName(Path.TrimEndingDirectorySeparator(path)))}, at scale {scale}"));
        }

        if (lora.LoraPlusRatio != 1)
        {
            Row("learning rate of B / learning rate of A (LoRA+)", Invariant($"{lora.LoraPlusRatio}"));
        }
    }

    private void WriteData()
    {
        Line();
        Line("## Data");
        Line();
        Line("| | |");
        Line("|---|---|");
        if (card.DataName is not null)
        {
            Row("name", Text(card.DataName));
        }

        if (card.Data is { } report)
        {
            Row("format", $"{report.Format}");
            Row("records", Invariant($"{report.RecordCount:N0}; left out {report.InvalidCount:N0} malformed and {report.TooLongCount:N0} too long"));
            Row("tokens", Invariant($"{report.TokenCount:N0}, of which {report.TargetTokenCount:N0} are learned"));
            Row("SHA-256", $"`{report.Fingerprint}`");
        }

        Row($"{(IsOfPairs ? "pairs" : data.Preference is null ? "samples" : "rated answers")} to train with", Invariant($"{data.SampleCount:N0}"));
        if (data.ValidationCount > 0)
        {
            Row("kept for validation", Invariant($"{data.ValidationCount:N0}"));
        }
    }

    private void WriteResult()
    {
        Line();
        Line("## Result");
        Line();
        string unit = data.Preference is null ? "losses in nats a token" : IsOfPairs ? "losses in nats a pair" : "the loss is a mean over rated answers";
        string end = steps.Count < data.StepCount ? Invariant($"{steps.Count:N0} of {data.StepCount:N0} steps") : Invariant($"{steps.Count:N0} steps");
        Line(Invariant($"{end}; {unit}."));
        if (validation.BestLoss is { } best)
        {
            string kept = options.HoldsBest ? "that step" : "the last step";
            Line(Invariant($"The smallest validation loss is {best:F4}, at step {validation.BestStep:N0}. The trained weights are those of {kept}."));
        }

        bool isValidated = data.ValidationCount > 0;
        Line();
        Line($"| step | training loss |{(isValidated ? " validation loss |" : "")} learning rate |");
        Line($"|---:|---:|{(isValidated ? "---:|" : "")}---:|");
        foreach (TrainingStep step in RowsOfCurve(isValidated))
        {
            string cell = isValidated ? Invariant($" {step.ValidationLoss:F4} |") : "";
            Line(Invariant($"| {step.Step:N0} | {step.Loss:F4} |{cell} {step.LearningRate:G3} |"));
        }
    }

    // The rows of the table are the first step, the last step, and evenly spaced steps between them. If there are evaluations, only evaluated steps
    // are chosen between the first and the last.
    private IEnumerable<TrainingStep> RowsOfCurve(bool isValidated)
    {
        TrainingStep[] candidates = [.. steps.Where((step, i) => !isValidated || step.ValidationLoss is not null || i == 0 || i == steps.Count - 1)];
        int count = Math.Min(MaxRowCount, candidates.Length);
        return Enumerable.Range(0, count).Select(i => candidates[count == 1 ? 0 : (int)((long)i * (candidates.Length - 1) / (count - 1))]);
    }

    private void Row(string name, string value) => Line($"| {name} | {value} |");

    private void Line(string line = "") => _text.Append(line).Append('\n');

    // Escapes a name. Names come from files, so they must not be able to end a table cell or begin markup.
    private static string Text(string name)
        => string.Concat(name.Select(character => character switch
        {
            '|' or '\\' or '`' or '*' or '_' or '[' or ']' or '<' or '>' or '#' => $"\\{character}",
            _ when char.IsControl(character) => " ",
            _ => character.ToString(CultureInfo.InvariantCulture),
        }));

    private static string Quote(string text) => $"\"{JsonEncodedText.Encode(text)}\"";
}
