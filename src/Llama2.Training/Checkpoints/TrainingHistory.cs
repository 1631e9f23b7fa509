using System.Runtime.InteropServices;
using Llama2.Memory;

namespace Llama2.Training.Checkpoints;

/// <summary>The curve of training, step by step; a checkpoint has it, so that a resumed run has all of it.</summary>
internal sealed class TrainingHistory
{
    // Loss, gradient norm, learning rate and validation loss, which is no number where there is none.
    private const int NumberCount = 4;
    private readonly List<TrainingStep> _steps = [];

    /// <summary>The steps, from the first on.</summary>
    public IReadOnlyList<TrainingStep> Steps => _steps;

    public void Add(TrainingStep step) => _steps.Add(step);

    /// <summary>Adds an evaluation to the last step.</summary>
    public void AddValidation(double loss) => _steps[^1] = _steps[^1] with { ValidationLoss = loss };

    /// <summary>Writes the steps, or reads as many.</summary>
    /// <param name="checkpoint">The checkpoint; it has room for them.</param>
    /// <param name="stepCount">How many there are in it.</param>
    public void Exchange(ICheckpointExchange checkpoint, int stepCount)
    {
        using var bytes = new AlignedBuffer<byte>((long)stepCount * NumberCount * sizeof(double));
        for (int i = 0; i < _steps.Count && i < stepCount; i++)
        {
            TrainingStep step = _steps[i];
            ((ReadOnlySpan<double>)[step.Loss, step.GradientNorm, step.LearningRate, step.ValidationLoss ?? double.NaN]).CopyTo(Numbers(bytes, i));
        }

        checkpoint.Exchange("history", bytes);
        _steps.Clear();
        for (int i = 0; i < stepCount; i++)
        {
            Span<double> numbers = Numbers(bytes, i);
            _steps.Add(new TrainingStep(i + 1, numbers[0], numbers[1], numbers[2], double.IsNaN(numbers[3]) ? null : numbers[3]));
        }
    }

    private static Span<double> Numbers(AlignedBuffer<byte> bytes, int step)
        => MemoryMarshal.Cast<byte, double>(bytes.Slice((long)step * NumberCount * sizeof(double), NumberCount * sizeof(double)));
}
