using Llama2.Training.Model;
using Microsoft.Extensions.Logging;

namespace Llama2.Training;

public sealed partial class LlamaTrainer
{
    /// <summary>Computes the loss of samples without learning from them: the mean of −ln(probability) over their learned tokens.</summary>
    /// <param name="samples">None longer than <see cref="TrainingOptions.BatchTokenCount"/>.</param>
    /// <param name="cancellationToken">Ends it after the current batch.</param>
    /// <exception cref="ArgumentException">A sample is malformed or too long, or there is nothing to learn.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public double Evaluate(IReadOnlyList<TrainingSample> samples, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(samples);
        return Evaluate(TaskOf(samples), cancellationToken);
    }

    /// <summary>Computes the mean loss of preferences without learning from them: ln 2 where the adapters change nothing.</summary>
    /// <param name="pairs">Both answers of a pair together are no longer than <see cref="TrainingOptions.BatchTokenCount"/>.</param>
    /// <param name="cancellationToken">Ends it after the current batch.</param>
    /// <exception cref="InvalidOperationException">All weights are trained, so there is no reference.</exception>
    /// <exception cref="ArgumentException">An answer is malformed, or a pair too long.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public double Evaluate(IReadOnlyList<PreferencePair> pairs, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(pairs);
        return Evaluate(TaskOf(pairs), cancellationToken);
    }

    private SupervisedTask TaskOf(IReadOnlyList<TrainingSample> samples) => new(samples, Configuration.VocabularySize);

    private PreferenceTask TaskOf(IReadOnlyList<PreferencePair> pairs)
        => _options.Lora is not null
            ? new PreferenceTask(pairs, Configuration.VocabularySize, _options.PreferenceBeta)
            : throw new InvalidOperationException($"Preferences are learned by adapters, since the model without them is the reference: set {nameof(TrainingOptions)}.{nameof(TrainingOptions.Lora)}.");

    private double Evaluate(ITrainingTask task, CancellationToken cancellationToken)
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        var plan = new TrainingPlan(task.Lengths, _options with { EpochCount = 1, MaximumStepCount = null, BatchesPerStep = 1 });
        double total = Enumerable.Range(0, task.Lengths.Length).Where(index => task.Lengths[index] > 0).Sum(task.Weight), loss = 0;
        _model.Pass.DropsOut = false;
        for (int step = 0; step < plan.StepCount; step++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            loss += task.Evaluate(_model, _batch, plan.SamplesOfStep(step), 1 / total);
        }

        return loss;
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
