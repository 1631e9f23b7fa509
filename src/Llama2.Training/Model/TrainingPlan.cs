using Llama2.Training.Datasets;
using static System.FormattableString;

namespace Llama2.Training.Model;

/// <summary>
/// Determines the samples of each batch and the batches of each step. The order of the samples is different in each epoch; in this order they are
/// packed into batches. The plan depends only on the samples' lengths, the options and the seed, so a checkpoint needs to store only the number of
/// the step.
/// </summary>
internal sealed class TrainingPlan
{
    private readonly int[] _order;
    private readonly List<int> _batchStarts = [0], _stepStarts = [0];

    /// <param name="lengths">For each sample, the number of its tokens that take a place in a batch; a sample without such tokens is omitted.</param>
    /// <param name="options">The sizes of batches and steps, the number of epochs, and the seed.</param>
    /// <param name="extendedEpochCounts">
    /// The numbers of epochs after which runs had ended that this run extends. After each of these epochs a new step begins, as it did in the
    /// extended runs, so that their steps are also this plan's first steps.
    /// </param>
    /// <exception cref="ArgumentException">A sample is longer than a batch, or no sample has a token to learn.</exception>
    public TrainingPlan(int[] lengths, TrainingOptions options, params ReadOnlySpan<int> extendedEpochCounts)
    {
        int tooLong = Array.FindIndex(lengths, length => length > options.BatchTokenCount);
        if (tooLong >= 0)
        {
            throw new ArgumentException(
                Invariant($"Sample {tooLong:N0} takes {lengths[tooLong]:N0} tokens; a batch holds {options.BatchTokenCount:N0}. Allow more ({nameof(TrainingOptions)}.{nameof(TrainingOptions.BatchTokenCount)}, --batch-tokens), or shorten the sample."),
                nameof(lengths));
        }

        if (!Array.Exists(lengths, length => length > 0))
        {
            throw new ArgumentException("There is nothing to learn: no sample has a token that counts in the loss.", nameof(lengths));
        }

        List<int> order = [];
        HashSet<int> ends = [];
        for (int epoch = 0; epoch < options.EpochCount; epoch++)
        {
            if (extendedEpochCounts.Contains(epoch))
            {
                ends.Add(order.Count);
            }

            order.AddRange(ShuffledOrder.Create(lengths.Length, options.Seed + (ulong)epoch).Where(index => lengths[index] > 0));
        }

        _order = [.. order];
        int used = 0;
        for (int i = 0; i < _order.Length; i++)
        {
            bool isEnd = ends.Contains(i);
            if (isEnd || used + lengths[_order[i]] > options.BatchTokenCount)
            {
                if (isEnd || _batchStarts.Count - _stepStarts[^1] == options.BatchesPerStep)
                {
                    _stepStarts.Add(_batchStarts.Count);
                }

                _batchStarts.Add(i);
                used = 0;
            }

            used += lengths[_order[i]];
        }

        StepCount = Math.Min(_stepStarts.Count, options.MaxStepCount ?? int.MaxValue);
        _stepStarts.Add(_batchStarts.Count);
        _batchStarts.Add(_order.Length);
    }

    /// <summary>The number of steps until training ends.</summary>
    public int StepCount { get; }

    /// <summary>The batches of a step.</summary>
    public Range BatchesOf(int step) => _stepStarts[step].._stepStarts[step + 1];

    /// <summary>The samples of a batch.</summary>
    public ReadOnlySpan<int> SamplesOf(int batch) => _order.AsSpan(_batchStarts[batch].._batchStarts[batch + 1]);

    /// <summary>The samples of a step.</summary>
    public ReadOnlySpan<int> SamplesOfStep(int step)
    {
        Range batches = BatchesOf(step);
        return _order.AsSpan(_batchStarts[batches.Start.Value].._batchStarts[batches.End.Value]);
    }
}
