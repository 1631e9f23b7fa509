using Llama2.Training.Model;
using Microsoft.Extensions.Logging;
using static System.FormattableString;

namespace Llama2.Training;

public sealed partial class LlamaTrainer
{
    // Tokens of a pass that is measured: enough that weights are decoded for many, few enough that seven billion parameters take a minute.
    private const int MeasuredTokenCount = 256;

    /// <summary>
    /// Computes the mean loss of data without learning from it. For samples it is the mean of −ln(probability) over their learned tokens; for preferences
    /// the mean over the pairs, which is ln 2 where the adapters change nothing.
    /// </summary>
    /// <param name="data">Samples, or pairs whose two answers together, no longer than <see cref="TrainingOptions.BatchTokenCount"/>.</param>
    /// <param name="cancellationToken">Ends it after the current batch.</param>
    /// <exception cref="ArgumentException">A sample is malformed or too long, or there is nothing to learn.</exception>
    /// <exception cref="InvalidOperationException">The data are preferences, and all weights are trained, so there is no reference.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public double Evaluate(TrainingDataset data, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(data);
        return Evaluate(TaskOf(data), cancellationToken);
    }

    /// <summary>
    /// Estimates how long training would take, or the rest of it, from a pass over at most some 256 tokens that is made and measured now; nothing is
    /// learned from it. Steps of the optimizer and evaluations come on top.
    /// </summary>
    /// <param name="data">What would be learned.</param>
    /// <param name="cancellationToken">Ends it between two passes.</param>
    /// <inheritdoc cref="Evaluate(TrainingDataset, CancellationToken)" path="/exception"/>
    public TimeSpan EstimateTime(TrainingDataset data, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(data);
        return EstimateTime(TaskOf(data), cancellationToken);
    }

    private ITrainingTask TaskOf(TrainingDataset data)
    {
        if (data.Pairs.Count > 0 && _options.Lora is null)
        {
            throw new InvalidOperationException($"Preferences are learned by adapters, since the model without them is the reference: set {nameof(TrainingOptions)}.{nameof(TrainingOptions.Lora)}.");
        }

        ITrainingTask task = data.Pairs.Count > 0
            ? new PreferenceTask(data.Pairs, Configuration.VocabularySize, _options.PreferenceBeta)
            : new SupervisedTask(data.Samples, Configuration.VocabularySize);
        RequireContext(data);
        return task;
    }

    // Beyond its context a model would be taught what it cannot be asked. The last token is only predicted, so it takes no place.
    private void RequireContext(TrainingDataset data)
    {
        IEnumerable<TrainingSample> samples = data.Samples.Concat(data.Pairs.SelectMany(pair => (TrainingSample[])[pair.Chosen, pair.Rejected]));
        int longest = samples.Select(sample => sample.Tokens.Length).DefaultIfEmpty(0).Max();
        if (longest - 1 > Configuration.ContextLength)
        {
            throw new ArgumentException(
                Invariant($"A sample has {longest:N0} tokens; the model's context length is {Configuration.ContextLength:N0}. Lower {nameof(DatasetOptions)}.{nameof(DatasetOptions.MaxLength)}."), nameof(data));
        }
    }

    private double Evaluate(ITrainingTask task, CancellationToken cancellationToken)
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        var plan = new TrainingPlan(task.Lengths, _options with { EpochCount = 1, MaxStepCount = null, BatchesPerStep = 1 });
        double total = Enumerable.Range(0, task.Lengths.Length).Where(index => task.Lengths[index] > 0).Sum(task.Weight), loss = 0;
        _model.Pass.DropsOut = false;
        for (int step = 0; step < plan.StepCount; step++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            loss += task.Evaluate(_model, _batch, plan.SamplesOfStep(step), 1 / total);
        }

        return loss;
    }

    private TimeSpan EstimateTime(ITrainingTask task, CancellationToken cancellationToken)
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        var plan = new TrainingPlan(task.Lengths, _options);
        long tokenCount = 0;
        for (int step = StepCount; step < plan.StepCount; step++)
        {
            foreach (int sample in plan.SamplesOfStep(step))
            {
                tokenCount += task.Lengths[sample];
            }
        }

        if (tokenCount == 0)
        {
            return TimeSpan.Zero;
        }

        // The first batch's samples as far as they go; the shortest alone first, so that nothing is compiled while it is measured.
        int[] batch = plan.SamplesOf(plan.BatchesOf(StepCount).Start.Value).ToArray();
        int measuredCount = 0, sampleCount = 0;
        while (sampleCount < batch.Length && (sampleCount == 0 || measuredCount + task.Lengths[batch[sampleCount]] <= MeasuredTokenCount))
        {
            measuredCount += task.Lengths[batch[sampleCount++]];
        }

        _model.Pass.DropsOut = false;
        try
        {
            cancellationToken.ThrowIfCancellationRequested();
            task.Accumulate(_model, _batch, [batch.MinBy(sample => task.Lengths[sample])], 1);
            cancellationToken.ThrowIfCancellationRequested();
            long start = TimeProvider.System.GetTimestamp();
            task.Accumulate(_model, _batch, batch.AsSpan(0, sampleCount), 1);
            return TimeProvider.System.GetElapsedTime(start) * ((double)tokenCount / measuredCount);
        }
        finally
        {
            ClearGradients();
        }
    }

    // Whether an evaluation belongs to the state after the last step, and is not there: it is new, or was cancelled before its checkpoint was written.
    private bool IsEvaluationDue(TrainingPlan plan)
        => StepCount > 0 && _best.Record.EvaluatedStep < StepCount && (StepCount % _options.EvaluationInterval == 0 || StepCount == plan.StepCount);

    /// <summary>Evaluates validation samples, and takes note of the loss and of the weights.</summary>
    private double Validate(ITrainingTask validation, CancellationToken cancellationToken, out bool isBest)
    {
        double loss = Evaluate(validation, cancellationToken);
        isBest = _best.Add(StepCount, loss);
        _history.AddValidation(loss);
        LogEvaluation(_logger, StepCount, loss, _best.Record.BestLoss ?? double.NaN, _best.Record.BestStep);
        return loss;
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Step {Step}: validation loss {Loss}, the best {BestLoss} at step {BestStep}")]
    private static partial void LogEvaluation(ILogger logger, int step, double loss, double bestLoss, int bestStep);
}
