using static System.FormattableString;

namespace Llama2.Training;

/// <summary>How a model is trained. Immutable; values are checked when they are set. The same options, data and model give the same weights, bit for bit.</summary>
public sealed record TrainingOptions
{
    private const int MaxBatchTokenCount = 1 << 20;

    /// <summary>The adapters that are trained over the model as it is, quantized or not; null trains all weights in float32. All seven layers, rank 16, by default.</summary>
    public LoraOptions? Lora { get; init; } = new();

    /// <summary>The learning rate after the warm-up, above 0; 2e-4 by default, which suits adapters. All weights want about 2e-5.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Out of range.</exception>
    public double LearningRate { get; init => field = Checked(value, double.IsFinite(value) && value > 0, "a number above 0"); } = 2e-4;

    /// <summary>How the learning rate goes on; a cosine by default.</summary>
    public LearningRateSchedule Schedule { get; init; } = LearningRateSchedule.Cosine;

    /// <summary>The part of all steps over which the learning rate rises from near 0, 0 to 1; 0.03 by default.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Out of range.</exception>
    public double WarmupFraction { get; init => field = Checked(value, value is >= 0 and <= 1, "0 to 1"); } = 0.03;

    /// <summary>What is left of the learning rate at the last step, 0 to 1; 0 by default.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Out of range.</exception>
    public double FinalLearningRateFraction { get; init => field = Checked(value, value is >= 0 and <= 1, "0 to 1"); }

    /// <summary>How often each sample is seen, 1 or more; 1 by default.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Out of range.</exception>
    public int EpochCount { get; init => field = Checked(value, value is >= 1 and <= 100_000, "1 to 100,000"); } = 1;

    /// <summary>Steps after which training ends before its epochs do, 1 or more; null, the default, ends with them.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Out of range.</exception>
    public int? MaxStepCount { get; init => field = Checked(value, value is null or >= 1, "1 or more"); }

    /// <summary>
    /// Tokens that are computed at once, 16 to 1,048,576; 512 by default. Samples are packed into it whole and do not see each other, so none may be
    /// longer. Memory grows with it.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">Out of range.</exception>
    public int BatchTokenCount { get; init => field = Checked(value, value is >= 16 and <= MaxBatchTokenCount, Invariant($"16 to {MaxBatchTokenCount:N0}")); } = 512;

    /// <summary>Batches whose gradients make one step, 1 to 65,536; 1 by default. Each token of a step counts the same.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Out of range.</exception>
    public int BatchesPerStep { get; init => field = Checked(value, value is >= 1 and <= 65_536, "1 to 65,536"); } = 1;

    /// <summary>AdamW's β₁, 0 to below 1; 0.9 by default.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Out of range.</exception>
    public float Beta1 { get; init => field = Checked(value, value is >= 0 and < 1, "0 to below 1"); } = 0.9f;

    /// <summary>AdamW's β₂, 0 to below 1; 0.999 by default. From random weights 0.95 is usual.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Out of range.</exception>
    public float Beta2 { get; init => field = Checked(value, value is >= 0 and < 1, "0 to below 1"); } = 0.999f;

    /// <summary>The part of matrices, times the learning rate, that a step takes off, 0 to 1; 0 by default. Norms do not decay.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Out of range.</exception>
    public float WeightDecay { get; init => field = Checked(value, value is >= 0 and <= 1, "0 to 1"); }

    /// <summary>The norm that all gradients together are scaled down to, above 0; 1 by default, infinity does not clip.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Out of range.</exception>
    public double MaxGradientNorm { get; init => field = Checked(value, value > 0, "above 0"); } = 1;

    /// <summary>Whether AdamW's moments are kept in 8 bits, a quarter of the memory; false by default.</summary>
    public bool QuantizesMoments { get; init; }

    /// <summary>
    /// Whether each layer's activations are computed again when their gradients are due, instead of kept: about a third more work for a fraction of the
    /// memory; true by default.
    /// </summary>
    public bool RecomputesActivations { get; init; } = true;

    /// <summary>How the frozen weights below adapters are kept: as the file has them, by default, or in NF4. Without <see cref="Lora"/> nothing is frozen.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such way.</exception>
    public BaseQuantization BaseQuantization { get; init => field = Checked(value, Enum.IsDefined(value), "one of the enumeration's"); }

    /// <summary>
    /// Whether quantized layers are computed as generation does, with activations in 8 bits: faster, and what the adapter will run with, but gradients are
    /// those of the exact product; false by default.
    /// </summary>
    public bool QuantizesActivations { get; init; }

    /// <summary>How far preferences may draw the model from what it was, above 0; 0.1 by default (β of Rafailov et al. 2023).</summary>
    /// <exception cref="ArgumentOutOfRangeException">Out of range.</exception>
    public double PreferenceBeta { get; init => field = Checked(value, double.IsFinite(value) && value > 0, "a number above 0"); } = 0.1;

    /// <summary>Of the order of samples, of first weights and of dropout; 0 by default.</summary>
    public ulong Seed { get; init; }

    /// <summary>Threads, 1 to 1,024; null, the default, takes one for each processor core. The number changes no bit.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Out of range.</exception>
    public int? ThreadCount { get; init => field = Checked(value, value is null or (>= 1 and <= 1024), "1 to 1,024"); }

    /// <summary>A file that the state of training is written to, to go on from; null, the default, writes none.</summary>
    public string? CheckpointPath { get; init; }

    /// <summary>Steps between two checkpoints, 1 or more; 100 by default. One more is written when training is cancelled, and at its end.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Out of range.</exception>
    public int CheckpointInterval { get; init => field = Checked(value, value >= 1, "1 or more"); } = 100;

    /// <summary>Steps between two evaluations of validation samples, 1 or more; 50 by default. One more is made after the last step.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Out of range.</exception>
    public int EvaluationInterval { get; init => field = Checked(value, value >= 1, "1 or more"); } = 50;

    /// <summary>
    /// Evaluations without a smaller validation loss after which training stops before its steps are done, 1 or more, and goes back to the best
    /// weights; null, the default, does not stop.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">Out of range.</exception>
    public int? Patience { get; init => field = Checked(value, value is null or >= 1, "1 or more"); }

    /// <summary>
    /// Whether training that is validated ends with the weights of its smallest validation loss, as it does where <see cref="Patience"/> is set; they
    /// are kept beside the current ones, 4 bytes a number that is trained. False by default: it ends with the last step's.
    /// </summary>
    public bool KeepsBest { get; init; }

    // Whether best weights are kept beside the current ones.
    internal bool HoldsBest => KeepsBest || Patience is not null;

    // What a checkpoint must agree with: everything that decides about bits.
    internal string Signature => Invariant(
        $"{Lora} {LearningRate:R} {Schedule} {WarmupFraction:R} {FinalLearningRateFraction:R} {EpochCount} {MaxStepCount} {BatchTokenCount} {BatchesPerStep} {Beta1:R} {Beta2:R} {WeightDecay:R} {MaxGradientNorm:R} {QuantizesMoments} {QuantizesActivations} {BaseQuantization} {PreferenceBeta:R} {Seed} {EvaluationInterval} {Patience} {KeepsBest}");

    private static T Checked<T>(T value, bool isValid, string range, [System.Runtime.CompilerServices.CallerMemberName] string name = "")
        => isValid ? value : throw new ArgumentOutOfRangeException(nameof(value), value, $"{name} is {range}.");
}
