using static System.FormattableString;

namespace Llama2.Training.Checkpoints;

/// <summary>The length of a training run.</summary>
/// <param name="EpochCount">The number of epochs.</param>
/// <param name="MaxStepCount">The maximum number of steps; null for no limit.</param>
/// <param name="ExtendedEpochCounts">The numbers of epochs after which runs had ended that this run extends, ascending.</param>
internal sealed record RunLength(int EpochCount, int? MaxStepCount, int[] ExtendedEpochCounts)
{
    /// <summary>Whether a run with these options has the same length.</summary>
    public bool IsOf(TrainingOptions options) => EpochCount == options.EpochCount && MaxStepCount == options.MaxStepCount;

    /// <summary>Whether a run with these options can extend this one after the given step.</summary>
    public bool CanBeExtended(TrainingOptions options, int step) => EpochCount <= options.EpochCount && !(options.MaxStepCount < step);

    /// <summary>The length for messages.</summary>
    public override string ToString() => Invariant($"{EpochCount:N0} {(EpochCount == 1 ? "epoch" : "epochs")}{(MaxStepCount is { } count ? Invariant($" and at most {count:N0} steps") : "")}");
}
