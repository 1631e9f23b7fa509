using System.Buffers.Binary;
using Llama2.Memory;

namespace Llama2.Training.Checkpoints;

/// <summary>The training curve, step by step. It is part of a checkpoint, so that a resumed run has the whole curve.</summary>
internal sealed class TrainingHistory
{
    // The numbers stored for a step: loss, gradient norm, learning rate, validation loss, and the four numbers of the rewards. NaN stands for null.
    private const int NumberCount = 8;
    private readonly List<TrainingStep> _steps = [];

    /// <summary>The steps, beginning with the first.</summary>
    public IReadOnlyList<TrainingStep> Steps => _steps;

    /// <summary>The size of a step in a checkpoint, in bytes.</summary>
    public static int StepByteSize => NumberCount * sizeof(double);

    public void Add(TrainingStep step) => _steps.Add(step);

    /// <summary>Adds an evaluation to the last step.</summary>
    public void AddValidation(double loss) => _steps[^1] = _steps[^1] with { ValidationLoss = loss };

    /// <summary>Writes the steps, or reads the given number of steps.</summary>
    /// <param name="checkpoint">The checkpoint; it must be long enough for the steps.</param>
    /// <param name="stepCount">The number of steps in the checkpoint.</param>
    public void Exchange(ICheckpointExchange checkpoint, int stepCount)
    {
        using var bytes = new AlignedBuffer<byte>((long)stepCount * StepByteSize);
        for (int i = 0; i < _steps.Count && i < stepCount; i++)
        {
            Write(_steps[i], bytes.Slice((long)i * StepByteSize, StepByteSize));
        }

        checkpoint.Exchange("history", bytes);
        _steps.Clear();
        for (int i = 0; i < stepCount; i++)
        {
            _steps.Add(Read(i + 1, bytes.Slice((long)i * StepByteSize, StepByteSize)));
        }
    }

    private static void Write(TrainingStep step, Span<byte> bytes)
    {
        ReadOnlySpan<double?> numbers =
        [
            step.Loss, step.GradientNorm, step.LearningRate, step.ValidationLoss,
            step.Rewards?.Chosen, step.Rewards?.Rejected, step.Rewards?.Accuracy, step.Rewards?.Divergence,
        ];
        for (int i = 0; i < NumberCount; i++)
        {
            BinaryPrimitives.WriteDoubleLittleEndian(bytes[(i * sizeof(double))..], numbers[i] ?? double.NaN);
        }
    }

    private static TrainingStep Read(int step, ReadOnlySpan<byte> bytes)
    {
        Span<double?> numbers = new double?[NumberCount];
        for (int i = 0; i < NumberCount; i++)
        {
            double number = BinaryPrimitives.ReadDoubleLittleEndian(bytes[(i * sizeof(double))..]);
            numbers[i] = double.IsNaN(number) ? null : number;
        }

        // A step with preferences has the reward of at least one answer.
        PreferenceRewards? rewards = numbers[4] is null && numbers[5] is null ? null : new PreferenceRewards(numbers[4], numbers[5], numbers[6], numbers[7]);
        return new TrainingStep(step, numbers[0] ?? double.NaN, numbers[1] ?? double.NaN, numbers[2] ?? double.NaN, numbers[3], rewards);
    }
}
