using System.Security.Cryptography;
using Llama2.Formats;
using Llama2.Sampling;
using Llama2.Training.Checkpoints;
using Llama2.Training.Export;
using Llama2.Training.Model;
using Llama2.Training.Objectives;
using Llama2.Training.Optimizers;
using Llama2.Training.Tensors;
using Microsoft.Extensions.Logging;
using static System.FormattableString;

namespace Llama2.Training;

public sealed partial class LlamaTrainer
{
    /// <summary>
    /// Trains the model. From samples, it learns to predict the tokens that the loss masks select. From pairs of answers and rated answers, it learns
    /// which answers are preferred, by the method of <see cref="TrainingOptions.Preference"/>; the reference model is the model before training.
    /// </summary>
    /// <param name="data">
    /// Samples, rated answers, or pairs of answers. A sample may have at most <see cref="TrainingOptions.BatchTokenCount"/> tokens. For a pair, this limit
    /// applies to both answers together, except in KTO.
    /// </param>
    /// <param name="validation">
    /// Data that are not used for training. They are of the same kind as the training data, and the same maximum length applies to their samples.
    /// They are evaluated every <see cref="TrainingOptions.EvaluationInterval"/> steps. Null for no evaluation.
    /// </param>
    /// <param name="progress">
    /// Receives a report after each step, on the calling thread. The report has the validation loss if it was evaluated after this step. The receiver
    /// may call <see cref="Evaluate(TrainingDataset, IProgress{double}?, CancellationToken)"/>.
    /// </param>
    /// <param name="cancellationToken">
    /// Ends training after the current batch. The model then has the weights of the last complete step, not the weights with the smallest validation
    /// loss. If checkpoints were requested, one is written with the state after the last complete step.
    /// </param>
    /// <returns>
    /// The losses. With <see cref="TrainingOptions.Patience"/> or <see cref="TrainingOptions.KeepBest"/>, the model then has the weights with the
    /// smallest validation loss.
    /// </returns>
    /// <exception cref="ArgumentException">
    /// A sample is malformed or too long, there is nothing to learn, only one of the two data sets has pairs of answers, or the data are not those from
    /// which the <see cref="TrainingOptions.Preference"/> method learns.
    /// </exception>
    /// <exception cref="InvalidOperationException">
    /// The data are pairs of answers and all weights are trained, but <see cref="TrainingOptions.Preference"/> is null, so no reference model was kept.
    /// </exception>
    /// <exception cref="CheckpointException">Training was resumed from a checkpoint that was written during training with other data.</exception>
    /// <exception cref="NumericalException">The loss or a gradient is NaN or infinite; that step did not change the weights.</exception>
    /// <exception cref="IOException">
    /// The checkpoint of <see cref="TrainingOptions.CheckpointPath"/> cannot be written: the folder is missing, the disk does not have enough free
    /// space, or the path is a folder. This is thrown before the first step.
    /// </exception>
    /// <exception cref="UnauthorizedAccessException">The process has no permission to write the checkpoint. This is thrown before the first step.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    /// <remarks>If a checkpoint cannot be written after training has begun, training continues; see <see cref="CheckpointFault"/>.</remarks>
    public TrainingResult Train(
        TrainingDataset data, TrainingDataset? validation = null, IProgress<TrainingProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(data);
        if (validation is { Count: > 0 } && validation.Pairs.Count > 0 != data.Pairs.Count > 0)
        {
            throw new ArgumentException("One of the data sets has samples and the other has pairs of preferences: their losses cannot be compared. Use data of the same kind for training and validation.", nameof(validation));
        }

        return Train(TaskOf(data), validation is null ? null : TaskOf(validation), progress, cancellationToken);
    }

    /// <summary>
    /// Restores the state of a checkpoint; the next
    /// <see cref="Train(TrainingDataset, TrainingDataset?, IProgress{TrainingProgress}?, CancellationToken)"/> continues from it. The results are the
    /// same, bit for bit, as if training had not been interrupted.
    /// </summary>
    /// <param name="path">A file that was written to <see cref="TrainingOptions.CheckpointPath"/> with the same model and options.</param>
    /// <param name="extend">
    /// Whether this run may be longer than the run of the checkpoint, which may have finished: <see cref="TrainingOptions.EpochCount"/> may
    /// be greater, and <see cref="TrainingOptions.MaxStepCount"/> may differ. The learning rate then continues as the schedule of the longer run says,
    /// so it may rise again. False by default.
    /// </param>
    /// <exception cref="CheckpointException">The checkpoint is damaged, or belongs to another model, other options or a longer run.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public void Resume(string path, bool extend = false)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        using var checkpoint = new CheckpointReader(path);
        CheckpointHeader header = checkpoint.Header;
        if (!_fingerprint.Matches(header.Model))
        {
            throw new CheckpointException(path, "belongs to another model. Open the model with which the checkpoint was made");
        }

        // The file's size limits the number of steps that the header may state.
        if (header.Options != _signature || header.Step < 0 || header.Step > checkpoint.ByteSize / TrainingHistory.StepByteSize || header.Validation is null || header.Length?.ExtendedEpochCounts is null)
        {
            throw new CheckpointException(path, $"was made with other options: {header.Options}");
        }

        if (extend ? !header.Length.CanBeExtended(_options, header.Step) : !header.Length.IsOf(_options))
        {
            throw new CheckpointException(path, extend
                ? Invariant($"was made in a run of {header.Length}, after {header.Step:N0} steps; a run that extends it must have as many epochs and steps, or more")
                : $"was made in a run of {header.Length}; resume with the same length, or extend the run (--extend)");
        }

        Exchange(checkpoint, header.Step, header.Validation);
        _dataOfCheckpoint = header.Data;
        _length = header.Length;
    }

    /// <summary>
    /// The approximate size of a checkpoint in bytes: the trained weights, AdamW's moments, and the weights with the smallest validation loss if they
    /// are kept. If the disk of <see cref="TrainingOptions.CheckpointPath"/> has less free space, training is refused before its first step.
    /// </summary>
    public long CheckpointByteSize => ParameterCount * (sizeof(float) + (_options.QuantizeMoments ? 2 : 2 * sizeof(float)) + (_options.HoldsBest ? sizeof(float) : 0));

    /// <summary>Checks before training starts that a checkpoint can be written.</summary>
    private void TryCheckpoint(string path)
    {
        using var trial = new AtomicFile(path);
        DiskSpace.Require(trial.Path, CheckpointByteSize);
    }

    /// <summary>Writes a checkpoint. If that fails, the exception is logged and stored, and training continues.</summary>
    /// <returns>Whether the checkpoint was written.</returns>
    private bool TrySaveCheckpoint(string path, string data)
    {
        try
        {
            SaveCheckpoint(path, data);
            CheckpointFault = null;
            return true;
        }
        catch (Exception exception) when (DiskSpace.IsRefusal(exception))
        {
            CheckpointFault = exception;
            LogCheckpointFault(_logger, path, StepCount, exception.Message);
            return false;
        }
    }

    /// <summary>Writes the state of training to a file, which gets its name only when it is complete.</summary>
    private void SaveCheckpoint(string path, string data)
    {
        using var checkpoint = new CheckpointWriter(path, new CheckpointHeader(_fingerprint.Value, _signature, _length!, data, StepCount, _best.Record));
        Exchange(checkpoint, StepCount, _best.Record);
        checkpoint.Commit();
        LogCheckpoint(_logger, path, StepCount);
    }

    private void Exchange(ICheckpointExchange checkpoint, int stepCount, ValidationRecord validation)
    {
        foreach (Parameter parameter in _model.Parameters)
        {
            checkpoint.Exchange(parameter.Name, parameter.Values);
        }

        _optimizer.Exchange(checkpoint, stepCount);
        _history.Exchange(checkpoint, stepCount);
        _best.Exchange(checkpoint, validation);
    }

    private TrainingResult Train(ITrainingTask task, ITrainingTask? validation, IProgress<TrainingProgress>? progress, CancellationToken cancellationToken)
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        TrainingPlan plan = PlanOf(task, out int[] extendedEpochCounts);
        if (validation is not null)
        {
            _ = new TrainingPlan(validation.Lengths, _options with { EpochCount = 1 });
        }

        CheckpointFault = null;
        if (_options.CheckpointPath is not null)
        {
            TryCheckpoint(_options.CheckpointPath);
        }

        string data = Digest(task, validation);
        if (_dataOfCheckpoint is not null && _dataOfCheckpoint != data)
        {
            throw new CheckpointException("resumed from", "was made with other data: train with the same data, in the same order");
        }

        _length = new RunLength(_options.EpochCount, _options.MaxStepCount, extendedEpochCounts);
        _trained = new TrainedData(task.Lengths.Length, validation?.Lengths.Length ?? 0, plan.StepCount, data, task.Preference);
        LogStart(_logger, ParameterCount, plan.StepCount, StepCount, Memory.TotalByteSize >> 20);
        List<double> losses = [];
        int savedStep = StepCount;
        try
        {
            RunSteps(task, validation, plan, data, losses, ref savedStep, progress, cancellationToken);
        }
        finally
        {
            // The results of complete steps are saved, no matter whether training has ended, was cancelled or failed.
            if (_options.CheckpointPath is not null && StepCount > savedStep)
            {
                TrySaveCheckpoint(_options.CheckpointPath, data);
            }
        }

        // The best weights are restored only after the checkpoint is written: the checkpoint must contain the weights of the last step, so that a
        // longer run can continue from them.
        _best.Restore();
        LogEnd(_logger, StepCount, plan.StepCount, losses.Count > 0 ? losses[^1] : double.NaN);
        return new TrainingResult(StepCount, losses, StepCount < plan.StepCount, _best.Record.BestLoss is null ? null : _best.Record.BestStep, _best.Record.BestLoss);
    }

    // The plan of a run. If it extends a run of fewer epochs that had finished, the first additional epoch begins with a new step.
    private TrainingPlan PlanOf(ITrainingTask task, out int[] extendedEpochCounts)
    {
        extendedEpochCounts = _length?.ExtendedEpochCounts ?? [];
        if (_length is { } former && former.EpochCount < _options.EpochCount
            && StepCount == new TrainingPlan(task.Lengths, _options with { EpochCount = former.EpochCount, MaxStepCount = null }, extendedEpochCounts).StepCount)
        {
            extendedEpochCounts = [.. extendedEpochCounts, former.EpochCount];
        }

        return new TrainingPlan(task.Lengths, _options, extendedEpochCounts);
    }

    private void RunSteps(
        ITrainingTask task, ITrainingTask? validation, TrainingPlan plan, string data, List<double> losses, ref int savedStep,
        IProgress<TrainingProgress>? progress, CancellationToken cancellationToken)
    {
        var rate = new LearningRate(
            _options.Schedule, _options.LearningRate, (int)Math.Round(_options.WarmupFraction * plan.StepCount), plan.StepCount, _options.FinalLearningRateFraction);
        var work = new RunWork(task, validation, plan, StepCount, Configuration, _options);
        var time = new TimeEstimate(Time, work, plan.StepCount, _options.EvaluationInterval, _options.CheckpointPath is null ? null : _options.CheckpointInterval);
        long tokenCount = 0;
        if (validation is not null && IsEvaluationDue(plan))
        {
            _ = Validate(validation, cancellationToken, out _);
            time.EndEvaluation();
        }

        while (StepCount < plan.StepCount && !(_best.Record.StaleCount >= _options.Patience))
        {
            double stepRate = rate.At(StepCount);
            (double loss, double norm, int stepTokenCount) = RunStep(task, plan, StepCount, stepRate, cancellationToken);
            time.EndStep(StepCount);
            tokenCount += stepTokenCount;
            losses.Add(loss);
            var report = new TrainingProgress(StepCount, plan.StepCount, loss, norm, stepRate, 0, TimeSpan.Zero, TimeSpan.Zero, task.TakeRewards());
            _history.Add(new TrainingStep(report.Step, report.Loss, report.GradientNorm, report.LearningRate, ValidationLoss: null, report.Rewards));
            if (validation is not null && IsEvaluationDue(plan))
            {
                report = report with { ValidationLoss = Validate(validation, cancellationToken, out bool isBest), IsBest = isBest, ValidationMetrics = validation.TakeMetrics() };
                time.EndEvaluation();
            }

            if (_options.CheckpointPath is not null && StepCount % _options.CheckpointInterval == 0 && TrySaveCheckpoint(_options.CheckpointPath, data))
            {
                savedStep = StepCount;
                report = report with { HasCheckpoint = true };
                time.End(RunPart.Checkpoint);
            }

            TimeSpan elapsed = time.Elapsed;
            report = report with { TokensPerSecond = tokenCount / Math.Max(1e-9, elapsed.TotalSeconds), Elapsed = elapsed, Remaining = time.Remaining(StepCount) };
            progress?.Report(report);
            time.EndReport(StepCount);
            LogStep(_logger, report.Step, report.StepCount, report.Loss, report.TokensPerSecond);
        }
    }

    // Returns the loss, the norm of the gradient, and the number of tokens.
    private (double Loss, double GradientNorm, int TokenCount) RunStep(ITrainingTask task, TrainingPlan plan, int step, double learningRate, CancellationToken cancellationToken)
    {
        int tokenCount = 0;
        double weight = 0, loss = 0;
        foreach (int sample in plan.SamplesOfStep(step))
        {
            weight += task.Weight(sample);
        }

        Range batches = plan.BatchesOf(step);
        task.Prepare(_model, _batch, plan.SamplesOfStep(step), cancellationToken);
        try
        {
            for (int batch = batches.Start.Value; batch < batches.End.Value; batch++)
            {
                cancellationToken.ThrowIfCancellationRequested();
                _model.Pass.IsTraining = true;
                _model.Pass.Seed = new RandomSource(_options.Seed ^ ((ulong)batch + 1) * 0x9E37_79B9_7F4A_7C15).NextUInt64();
                loss += task.Accumulate(_model, _batch, plan.SamplesOf(batch), 1 / weight);
                tokenCount += _batch.Count;
            }
        }
        catch
        {
            ClearGradients();
            throw;
        }

        double norm = _optimizer.ComputeGradientNorm();
        if (!double.IsFinite(loss) || !double.IsFinite(norm))
        {
            ClearGradients();
            throw new NumericalException(
                $"The loss of step {step + 1} is {loss} and the norm of its gradients {norm}: training has diverged. The step changed nothing; lower the learning rate, or go back to a checkpoint.",
                tokenId: null, (float)loss);
        }

        _optimizer.Step(learningRate, Math.Min(1, _options.MaxGradientNorm / (norm + 1e-6)));
        return (loss, norm, tokenCount);
    }

    private void ClearGradients()
    {
        foreach (Parameter parameter in _model.Parameters)
        {
            parameter.Gradient.Clear(parameter.Gradient.RowCount);
        }
    }

    private static string Digest(ITrainingTask task, ITrainingTask? validation)
    {
        using var digest = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        task.Hash(digest);
        if (validation is not null)
        {
            digest.AppendData("validation"u8);
            validation.Hash(digest);
        }

        return Convert.ToHexStringLower(digest.GetHashAndReset());
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Training {ParameterCount} parameters for {StepCount} steps from step {FirstStep}; about {MemoryMebibytes} MiB of memory")]
    private static partial void LogStart(ILogger logger, long parameterCount, int stepCount, int firstStep, long memoryMebibytes);

    [LoggerMessage(Level = LogLevel.Debug, Message = "Step {Step} of {StepCount}: loss {Loss}, {TokensPerSecond} tokens/s")]
    private static partial void LogStep(ILogger logger, int step, int stepCount, double loss, double tokensPerSecond);

    [LoggerMessage(Level = LogLevel.Information, Message = "Training ended after {Step} of {StepCount} steps, with a loss of {Loss}")]
    private static partial void LogEnd(ILogger logger, int step, int stepCount, double loss);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Checkpoint '{Path}' cannot be written at step {Step}, and is tried again at the next interval: {Reason}")]
    private static partial void LogCheckpointFault(ILogger logger, string path, int step, string reason);

    [LoggerMessage(Level = LogLevel.Information, Message = "Checkpoint '{Path}' written at step {Step}")]
    private static partial void LogCheckpoint(ILogger logger, string path, int step);
}
