using System.Buffers.Binary;
using Llama2.Memory;

namespace Llama2.Training.Checkpoints;

/// <summary>The training curve, step by step. It is part of a checkpoint, so that a resumed run has the whole curve.</summary>
internal sealed class TrainingHistory
{
    // The numbers stored for a step: loss, gradient norm, learning rate and validation loss, which is NaN if there is none.
    private const int NumberCount = 4;
    private readonly List<TrainingStep> _steps = [];

    /// <summary>The steps, beginning with the first.</summary>
    public IReadOnlyList<TrainingStep> Steps => _steps;

    public void Add(TrainingStep step) => _steps.Add(step);

    /// <summary>Adds an evaluation to the last step.</summary>
    public void AddValidation(double loss) => _steps[^1] = _steps[^1] with { ValidationLoss = loss };

    /// <summary>Writes the steps, or reads the given number of steps.</summary>
    /// <param name="checkpoint">The checkpoint; it must be long enough for the steps.</param>
    /// <param name="stepCount">The number of steps in the checkpoint.</param>
    public void Exchange(ICheckpointExchange checkpoint, int stepCount)
    {
        using var bytes = new AlignedBuffer<byte>((long)stepCount * NumberCount * sizeof(double));
        for (int i = 0; i < _steps.Count && i < stepCount; i++)
        {
            TrainingStep step = _steps[i];
            Span<byte> numbers = Numbers(bytes, i);
            BinaryPrimitives.WriteDoubleLittleEndian(numbers, step.Loss);
            BinaryPrimitives.WriteDoubleLittleEndian(numbers[8..], step.GradientNorm);
            BinaryPrimitives.WriteDoubleLittleEndian(numbers[16..], step.LearningRate);
            BinaryPrimitives.WriteDoubleLittleEndian(numbers[24..], step.ValidationLoss ?? double.NaN);
        }

        checkpoint.Exchange("history", bytes);
        _steps.Clear();
        for (int i = 0; i < stepCount; i++)
        {
            ReadOnlySpan<byte> numbers = Numbers(bytes, i);
            double validation = BinaryPrimitives.ReadDoubleLittleEndian(numbers[24..]);
            _steps.Add(new TrainingStep(
                i + 1, BinaryPrimitives.ReadDoubleLittleEndian(numbers), BinaryPrimitives.ReadDoubleLittleEndian(numbers[8..]),
                BinaryPrimitives.ReadDoubleLittleEndian(numbers[16..]), double.IsNaN(validation) ? null : validation));
        }
    }

    private static Span<byte> Numbers(AlignedBuffer<byte> bytes, int step) =>
        bytes.Slice((long)step * NumberCount * sizeof(double), NumberCount * sizeof(double));
}
