using Llama2.Training.Model;
using Llama2.Training.Objectives;

namespace Llama2.Training;

public sealed partial class LlamaTrainer
{
    /// <summary>
    /// Searches for a learning rate: trains with a rate that rises exponentially from step to step, and observes at which rates the loss falls and at which it
    /// rises (Smith 2015, arXiv 1506.01186). The search ends when training diverges. Afterwards the trainer has the weights from before. Meanwhile the
    /// trained weights take 4 more bytes per parameter.
    /// </summary>
    /// <param name="data">The data with which the model will be trained. If they are fewer than the steps, they are used several times.</param>
    /// <param name="options">The range of rates and the number of steps; null for the defaults.</param>
    /// <param name="progress">Receives each step, on the calling thread.</param>
    /// <param name="cancellationToken">Ends the search after the current batch; the weights from before are restored.</param>
    /// <exception cref="InvalidOperationException">Training has begun or was resumed.</exception>
    /// <exception cref="ArgumentException">
    /// The greatest learning rate is not above the smallest, a sample is malformed or too long, or there is nothing to learn.
    /// </exception>
    /// <exception cref="NumericalException">The first step already has a loss or a gradient that is NaN or infinite.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public LearningRateSearch FindLearningRate(
        TrainingDataset data, LearningRateSearchOptions? options = null, IProgress<LearningRatePoint>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(data);
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        options ??= new LearningRateSearchOptions();
        if (options.MaxLearningRate <= options.MinLearningRate)
        {
            throw new ArgumentException($"{nameof(LearningRateSearchOptions.MaxLearningRate)} must be above {nameof(LearningRateSearchOptions.MinLearningRate)}.", nameof(options));
        }

        if (StepCount > 0)
        {
            throw new InvalidOperationException("Training has begun: search for the learning rate before the first step.");
        }

        ITrainingTask task = TaskOf(data);
        var plan = new TrainingPlan(task.Lengths, _options with { EpochCount = 1, MaxStepCount = null });
        using var before = new ParameterCopy(_model.Parameters);
        before.Take();
        try
        {
            return Search(task, plan, options, progress, cancellationToken);
        }
        finally
        {
            before.Restore();
            _optimizer.Dispose();
            _optimizer = CreateOptimizer();
        }
    }

    private LearningRateSearch Search(
        ITrainingTask task, TrainingPlan plan, LearningRateSearchOptions options, IProgress<LearningRatePoint>? progress, CancellationToken cancellationToken)
    {
        var search = new LearningRateSearch();
        for (int step = 0; step < options.StepCount && !search.HasDiverged; step++)
        {
            double rate = options.MinLearningRate * Math.Pow(options.MaxLearningRate / options.MinLearningRate, step / (options.StepCount - 1.0));
            try
            {
                LearningRatePoint point = search.Add(rate, RunStep(task, plan, step % plan.StepCount, rate, cancellationToken).Loss);
                progress?.Report(point);
            }
            catch (NumericalException) when (step > 0)
            {
                // The rate is so high that the loss is no longer a number: higher rates show nothing more.
                break;
            }
        }

        return search;
    }
}
