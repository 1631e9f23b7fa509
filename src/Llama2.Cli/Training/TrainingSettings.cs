using System.CommandLine;
using System.CommandLine.Parsing;
using Llama2.Cli.Options;
using Llama2.Training;

namespace Llama2.Cli.Training;

/// <summary>The options for training a model, in the order in which the help lists them.</summary>
internal sealed class TrainingSettings
{
    private static readonly TrainingOptions s_defaults = new();
    private static readonly LoraOptions s_lora = new();

    private readonly Option<int?> _epochs = NumberOption.Create<int>("--epochs", "N", "How often each sample is used.", value => s_defaults with { EpochCount = value }, s_defaults.EpochCount);

    private readonly Option<int?> _steps = NumberOption.Create<int>("--steps", "N", "The maximum number of steps, after which training ends even if its epochs are not finished.", value => s_defaults with { MaxStepCount = value });

    private readonly Option<double?> _learningRate = NumberOption.Create<double>(
        "--learning-rate", "R", "The learning rate after the warm-up.", value => s_defaults with { LearningRate = value }, s_defaults.LearningRate);

    private readonly Option<LearningRateSchedule?> _schedule = ChoiceOption.Create<LearningRateSchedule>("--schedule", "NAME", "How the learning rate changes after the warm-up", defaultText: "cosine");

    private readonly Option<double?> _finalRate = NumberOption.Create<double>(
        "--final-rate", "PART", "The fraction of the learning rate that the schedule approaches at the end.", value => s_defaults with { FinalLearningRateFraction = value }, s_defaults.FinalLearningRateFraction);

    private readonly Option<double?> _warmup = NumberOption.Create<double>(
        "--warmup", "PART", "The fraction of all steps during which the learning rate rises.", value => s_defaults with { WarmupFraction = value }, s_defaults.WarmupFraction);

    private readonly Option<float?> _beta1 = NumberOption.Create<float>("--beta1", "B", "AdamW's β₁.", value => s_defaults with { Beta1 = value }, s_defaults.Beta1);

    private readonly Option<float?> _beta2 = NumberOption.Create<float>("--beta2", "B", "AdamW's β₂.", value => s_defaults with { Beta2 = value }, s_defaults.Beta2);

    private readonly Option<float?> _weightDecay = NumberOption.Create<float>(
        "--weight-decay", "PART", "AdamW's weight decay; it does not apply to norms.", value => s_defaults with { WeightDecay = value }, s_defaults.WeightDecay);

    private readonly Option<double?> _clip = NumberOption.Create<double>(
        "--clip", "NORM", "The maximum norm of all gradients together; larger gradients are scaled down to it.", value => s_defaults with { MaxGradientNorm = value }, s_defaults.MaxGradientNorm);

    private readonly Option<int?> _rank = NumberOption.Create<int>("--rank", "N", "The adapters' rank.", value => s_lora with { Rank = value }, s_lora.Rank);

    private readonly Option<float?> _alpha = NumberOption.Create<float>("--alpha", "A", "The adapters' strength is alpha / rank.", value => s_lora with { Alpha = value }, s_lora.Alpha);

    private readonly Option<bool> _rankStabilized = new("--rslora") { Description = "The adapters' strength is alpha / √rank, not alpha / rank." };

    private readonly Option<LoraTargets?> _targets = TargetsOption.Create();

    private readonly Option<double?> _loraPlusRatio = NumberOption.Create<double>(
        "--lora-plus-ratio", "N", "The learning rate of B divided by that of A (LoRA+).", value => s_lora with { LoraPlusRatio = value }, s_lora.LoraPlusRatio);

    private readonly Option<float?> _dropout = NumberOption.Create<float>("--dropout", "P", "Dropout before the adapters.", value => s_lora with { Dropout = value }, s_lora.Dropout);

    private readonly Option<double?> _neftuneAlpha = NumberOption.Create<double>(
        "--neftune-alpha", "A", "The strength of noise on the embeddings (NEFTune); 5 is usual.", value => s_defaults with { NeftuneAlpha = value }, s_defaults.NeftuneAlpha);

    private readonly Option<bool> _full = new("--full") { Description = "Trains all weights in float32 instead of adapters, and writes a whole model." };

    private readonly PreferenceSettings _preferences = new();

    private readonly Option<int?> _batchTokens = NumberOption.Create<int>(
        "--batch-tokens", "N", "The number of tokens of a batch, which is also the maximum length of a sample; memory is proportional to it.", value => s_defaults with { BatchTokenCount = value }, s_defaults.BatchTokenCount);

    private readonly Option<int?> _batches = NumberOption.Create<int>(
        "--batches-per-step", "N", "Batches whose gradients are accumulated for one step.", value => s_defaults with { BatchesPerStep = value }, s_defaults.BatchesPerStep);

    private readonly Option<bool?> _keepActivations = new("--keep-activations")
    {
        Description = "Keeps the activations of all layers for the backward pass, which saves a third of the work for an adapter, and a quarter with --full, and takes more memory; false computes them again. Default: keeps them if training then takes at most three quarters of the available memory.",
        HelpName = "true|false",
    };

    private readonly Option<bool> _nf4 = new("--nf4") { Description = "Keeps the frozen matrices in NF4 with double quantization (QLoRA), 4.127 bits per weight, instead of the file's formats." };

    private readonly Option<bool> _eightBit = new("--8-bit-optimizer") { Description = "Keeps AdamW's moments in 8 bits, which takes a quarter of their memory." };

    private readonly Option<int?> _evaluationInterval = NumberOption.Create<int>(
        "--evaluate-every", "N", "Steps between two evaluations of the --validation part or the --validation-data.", value => s_defaults with { EvaluationInterval = value }, s_defaults.EvaluationInterval);

    private readonly Option<int?> _patience = NumberOption.Create<int>(
        "--patience", "N", "Stops after N evaluations without a smaller validation loss.", value => s_defaults with { Patience = value });

    private readonly Option<ulong?> _seed = NumberOption.Create<ulong>("--seed", "S", "The seed for the order of samples, initial weights, dropout and noise.", value => s_defaults with { Seed = value }, s_defaults.Seed);

    private readonly Option<string?> _checkpoint = new("--checkpoint") { Description = "A file from which training can be resumed; written at intervals, when interrupted, and at the end.", HelpName = "FILE" };

    private readonly Option<int?> _checkpointInterval = NumberOption.Create<int>(
        "--checkpoint-every", "N", "Steps between two checkpoints.", value => s_defaults with { CheckpointInterval = value }, s_defaults.CheckpointInterval);

    private readonly Option<int?> _threads = ModelLoading.ThreadsOption();

    /// <summary>The adapters with which training begins.</summary>
    public AdapterSettings AdapterSettings { get; } = new();

    /// <summary>All options.</summary>
    public IEnumerable<Option> All =>
    [
        _epochs, _steps, _learningRate, _schedule, _finalRate, _warmup,
        _beta1, _beta2, _weightDecay, _clip,
        _rank, _alpha, _rankStabilized, _targets, _loraPlusRatio, _dropout, .. AdapterSettings.All, _neftuneAlpha, _full,
        .. _preferences.All,
        _batchTokens, _batches, _keepActivations, _nf4, _eightBit,
        _evaluationInterval, _patience, _seed, _checkpoint, _checkpointInterval, _threads,
    ];

    /// <summary>Checks the options before the command runs.</summary>
    public void Check(CommandResult result) => _preferences.Check(result);

    /// <summary>Reads the options from the command line.</summary>
    /// <param name="result">The command line.</param>
    /// <param name="validates">Whether samples are reserved for validation. If so, the weights with the smallest validation loss are written.</param>
    public TrainingOptions Read(ParseResult result, bool validates) => new()
    {
        EpochCount = result.GetValue(_epochs)!.Value,
        MaxStepCount = result.GetValue(_steps),
        LearningRate = result.GetValue(_learningRate)!.Value,
        Schedule = result.GetValue(_schedule) ?? s_defaults.Schedule,
        FinalLearningRateFraction = result.GetValue(_finalRate)!.Value,
        WarmupFraction = result.GetValue(_warmup)!.Value,
        Beta1 = result.GetValue(_beta1)!.Value,
        Beta2 = result.GetValue(_beta2)!.Value,
        WeightDecay = result.GetValue(_weightDecay)!.Value,
        MaxGradientNorm = result.GetValue(_clip)!.Value,
        Lora = result.GetValue(_full) ? null : AdapterSettings.Read(result, new LoraOptions
        {
            Rank = result.GetValue(_rank)!.Value,
            Alpha = result.GetValue(_alpha)!.Value,
            UseRankStabilization = result.GetValue(_rankStabilized),
            Targets = result.GetValue(_targets) ?? s_lora.Targets,
            LoraPlusRatio = result.GetValue(_loraPlusRatio)!.Value,
            Dropout = result.GetValue(_dropout)!.Value,
        }),
        NeftuneAlpha = result.GetValue(_neftuneAlpha)!.Value,
        Preference = _preferences.Read(result),
        BatchTokenCount = result.GetValue(_batchTokens)!.Value,
        BatchesPerStep = result.GetValue(_batches)!.Value,
        RecomputeActivations = !result.GetValue(_keepActivations),
        BaseQuantization = result.GetValue(_nf4) ? BaseQuantization.Nf4 : BaseQuantization.AsStored,
        QuantizeMoments = result.GetValue(_eightBit),
        EvaluationInterval = result.GetValue(_evaluationInterval)!.Value,
        Patience = result.GetValue(_patience),
        KeepBest = validates,
        Seed = result.GetValue(_seed)!.Value,
        CheckpointPath = result.GetValue(_checkpoint),
        CheckpointInterval = result.GetValue(_checkpointInterval)!.Value,
        ThreadCount = result.GetValue(_threads),
    };
}
