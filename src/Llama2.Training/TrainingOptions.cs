using System.Security.Cryptography;
using System.Text;
using static System.FormattableString;

namespace Llama2.Training;

/// <summary>
/// How a model is trained. Immutable; values are checked when they are set. Training with the same options, data and model gives the same weights,
/// bit for bit.
/// </summary>
public sealed record TrainingOptions
{
    private const int MaxBatchTokenCount = 1 << 20;

    /// <summary>
    /// The adapters that are trained; the model itself stays unchanged and may be quantized. Null trains all weights in float32. By default, all
    /// seven kinds of linear layers get adapters of rank 16.
    /// </summary>
    public LoraOptions? Lora { get; init; } = new();

    /// <summary>
    /// Tokens that are added to the model's vocabulary, such as the tags of a prompt format; none by default. Their ids follow those of the model's own tokens.
    /// Their rows in the embedding table and in the output matrix begin as the mean of the model's rows, and are trained: with adapters, both matrices are
    /// trained as a whole (<see cref="LoraOptions.SavedModules"/>).
    /// </summary>
    /// <exception cref="ArgumentException">A text is empty or occurs twice.</exception>
    public IReadOnlyList<NewToken> NewTokens
    {
        get;
        init
        {
            ArgumentNullException.ThrowIfNull(value);
            NewToken[] tokens = [.. value];
            if (Array.Exists(tokens, token => string.IsNullOrEmpty(token?.Text)))
            {
                throw new ArgumentException("A new token must have a text.", nameof(value));
            }

            if (tokens.GroupBy(token => token.Text).FirstOrDefault(group => group.Count() > 1) is { } repeated)
            {
                throw new ArgumentException($"The new token '{repeated.Key}' is listed twice.", nameof(value));
            }

            field = Array.AsReadOnly(tokens);
        }
    } = [];

    /// <summary>The learning rate after the warm-up, above 0; 2e-4 by default, which suits adapters. For training all weights, use about 2e-5.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is out of range.</exception>
    public double LearningRate { get; init => field = Checked(value, double.IsFinite(value) && value > 0, "a number above 0"); } = 2e-4;

    /// <summary>How the learning rate changes after the warm-up; a cosine by default.</summary>
    public LearningRateSchedule Schedule { get; init; } = LearningRateSchedule.Cosine;

    /// <summary>The fraction of all steps during which the learning rate rises from near 0 to its full value. 0 to 1; 0.03 by default.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is out of range.</exception>
    public double WarmupFraction { get; init => field = Checked(value, value is >= 0 and <= 1, "0 to 1"); } = 0.03;

    /// <summary>
    /// The fraction of <see cref="LearningRate"/> that the schedule approaches, and would reach one step after the last step. 0 to 1; 0 by default.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is out of range.</exception>
    public double FinalLearningRateFraction { get; init => field = Checked(value, value is >= 0 and <= 1, "0 to 1"); }

    /// <summary>The number of times that each sample is used, 1 to 100,000; 1 by default.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is out of range.</exception>
    public int EpochCount { get; init => field = Checked(value, value is >= 1 and <= 100_000, "1 to 100,000"); } = 1;

    /// <summary>
    /// The maximum number of steps, 1 or more; null (the default) for no limit. After this number of steps, training ends even if its epochs are not
    /// finished.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is out of range.</exception>
    public int? MaxStepCount { get; init => field = Checked(value, value is null or >= 1, "1 or more"); }

    /// <summary>
    /// The number of tokens of a batch, 16 to 1,048,576; 512 by default. Whole samples are packed into a batch, so no sample may be longer than a
    /// batch. The tokens of a sample do not attend to those of other samples. The memory for activations is proportional to this number.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is out of range.</exception>
    public int BatchTokenCount { get; init => field = Checked(value, value is >= 16 and <= MaxBatchTokenCount, Invariant($"16 to {MaxBatchTokenCount:N0}")); } = 512;

    /// <summary>
    /// The number of batches whose gradients are accumulated for one step, 1 to 65,536; 1 by default. All tokens of a step have the same weight.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is out of range.</exception>
    public int BatchesPerStep { get; init => field = Checked(value, value is >= 1 and <= 65_536, "1 to 65,536"); } = 1;

    /// <summary>AdamW's β₁, 0 to below 1; 0.9 by default.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is out of range.</exception>
    public float Beta1 { get; init => field = Checked(value, value is >= 0 and < 1, "0 to below 1"); } = 0.9f;

    /// <summary>AdamW's β₂, 0 to below 1; 0.999 by default. If training starts from random weights, 0.95 is usual.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is out of range.</exception>
    public float Beta2 { get; init => field = Checked(value, value is >= 0 and < 1, "0 to below 1"); } = 0.999f;

    /// <summary>
    /// The weight decay: each step reduces every weight of a matrix by this fraction of the weight, multiplied by the learning rate. 0 to 1; 0 by
    /// default. It does not apply to the weights of norms.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is out of range.</exception>
    public float WeightDecay { get; init => field = Checked(value, value is >= 0 and <= 1, "0 to 1"); }

    /// <summary>
    /// The maximum norm of all gradients together. If their norm is larger, all gradients are scaled down such that they have this norm. Above 0; 1
    /// by default; infinity turns clipping off.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is out of range.</exception>
    public double MaxGradientNorm { get; init => field = Checked(value, value > 0, "above 0"); } = 1;

    /// <summary>Whether AdamW's moments are kept in 8 bits, which takes a quarter of the memory that moments in 32 bits take; false by default.</summary>
    public bool QuantizeMoments { get; init; }

    /// <summary>
    /// Whether each layer's activations are computed again for the backward pass instead of being kept. This increases the computation by about a
    /// half for an adapter and by a third if all weights are trained, and reduces the memory for activations to a fraction. Null (the default) keeps them if training then takes at most three quarters of
    /// the memory that the machine or container has left; <see cref="TrainingMemory.KeepsActivations"/> states the decision. The results are the
    /// same, bit for bit.
    /// </summary>
    public bool? RecomputeActivations { get; init; }

    /// <summary>
    /// The format in which frozen weights are kept in memory when adapters are trained: the file's formats (the default), or NF4. If
    /// <see cref="Lora"/> is null, no weights are frozen.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is not a member of the enumeration.</exception>
    public BaseQuantization BaseQuantization { get; init => field = Checked(value, Enum.IsDefined(value), "a member of the enumeration"); }

    /// <summary>
    /// Whether quantized layers are computed as in generation, with activations rounded to 8 bits. This is faster, and the adapter is trained with
    /// the same arithmetic with which it is later used. The gradients ignore the rounding. False by default.
    /// </summary>
    public bool QuantizeActivations { get; init; }

    /// <summary>
    /// The strength of noise on the embeddings (NEFTune, Jain et al. 2023, arXiv 2310.05914), which keeps a model from learning few samples by heart. In
    /// training, each number of the embeddings of a sample with L tokens gets a random number, evenly distributed up to α / √(L · d) in both directions;
    /// d is the length of an embedding. Evaluations, and the reference model of preferences, get no noise. 0 to 1,000; 0 by default, which means no noise;
    /// 5 is usual.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is out of range.</exception>
    public double NeftuneAlpha { get; init => field = Checked(value, value is >= 0 and <= 1000, "0 to 1,000"); }

    /// <summary>
    /// How preferences are learned. With null (the default), samples without ratings are learned, and pairs of answers by DPO with its defaults. It must be
    /// set for rated answers, and for DPO if all weights are trained: then the original weights are kept as the reference model, which takes 4 bytes for
    /// each parameter.
    /// </summary>
    public PreferenceOptions? Preference { get; init; }

    /// <summary>The seed for the order of samples, initial weights, dropout and noise; 0 by default.</summary>
    public ulong Seed { get; init; }

    /// <summary>
    /// The number of threads, 1 to 1,024; null (the default) for one thread per processor core. The results do not depend on the number of threads.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is out of range.</exception>
    public int? ThreadCount { get; init => field = Checked(value, value is null or (>= 1 and <= 1024), "1 to 1,024"); }

    /// <summary>The file to which the state of training is written, so that training can be resumed; null (the default) for no checkpoints.</summary>
    public string? CheckpointPath { get; init; }

    /// <summary>
    /// The number of steps between two checkpoints, 1 or more; 100 by default. One more checkpoint is written when training ends or is cancelled.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is out of range.</exception>
    public int CheckpointInterval { get; init => field = Checked(value, value >= 1, "1 or more"); } = 100;

    /// <summary>
    /// The number of steps between two evaluations of the validation samples, 1 or more; 50 by default. One more evaluation is made after the last
    /// step.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is out of range.</exception>
    public int EvaluationInterval { get; init => field = Checked(value, value >= 1, "1 or more"); } = 50;

    /// <summary>
    /// The number of successive evaluations without a smaller validation loss, 1 or more, after which training stops early. The weights with the
    /// smallest validation loss are then restored. Null (the default) if training should never stop early.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is out of range.</exception>
    public int? Patience { get; init => field = Checked(value, value is null or >= 1, "1 or more"); }

    /// <summary>
    /// Whether training with validation ends with the weights that had the smallest validation loss, as it always does if <see cref="Patience"/> is
    /// set. These weights are kept in addition to the current ones, which takes 4 bytes for each trained parameter. False by default: training ends
    /// with the weights of the last step.
    /// </summary>
    public bool KeepBest { get; init; }

    /// <summary>These options, in which the adapters' options name the matrices that new tokens need.</summary>
    internal TrainingOptions WithTrainedTokens => NewTokens.Count > 0 && Lora is not null ? this with { Lora = Lora with { SavedModules = Lora.SavedModules | SavedModules.TokenMatrices } } : this;

    // Whether the weights with the smallest validation loss are kept in addition to the current weights.
    internal bool HoldsBest => KeepBest || Patience is not null;

    // Whether a copy of the original weights is kept as the reference model.
    internal bool KeepsReference => Lora is null && Preference is { NeedsReference: true };

    // The options that a checkpoint must match: all options that affect the bits of the result, except for the length of the run, which a checkpoint
    // states separately, because a run can be extended.
    internal string Signature => Invariant(
        $"{Lora?.Signature} {LearningRate:R} {Schedule} {WarmupFraction:R} {FinalLearningRateFraction:R} {BatchTokenCount} {BatchesPerStep} {Beta1:R} {Beta2:R} {WeightDecay:R} {MaxGradientNorm:R} {QuantizeMoments} {QuantizeActivations} {BaseQuantization} {NeftuneAlpha:R} {Preference?.Signature} {Seed} {EvaluationInterval} {Patience} {KeepBest}{NewTokensSignature}");

    private string NewTokensSignature => NewTokens.Count == 0
        ? ""
        : $" tokens {Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Concat(NewTokens.Select(token => $"{token.Text}\0{token.IsSpecial}\0")))))}";

    private static T Checked<T>(T value, bool isValid, string range, [System.Runtime.CompilerServices.CallerMemberName] string name = "")
        => isValid ? value : throw new ArgumentOutOfRangeException(nameof(value), value, $"{name} must be {range}.");
}
