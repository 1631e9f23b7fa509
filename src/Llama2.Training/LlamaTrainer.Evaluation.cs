using Llama2.Training.Model;
using Llama2.Training.Objectives;
using Microsoft.Extensions.Logging;
using static System.FormattableString;

namespace Llama2.Training;

public sealed partial class LlamaTrainer
{
    // The number of tokens of a measured pass. It is large enough that the cost of decoding weights is shared by many tokens, and small enough that a
    // pass through a model of seven billion parameters takes only a minute.
    private const int MeasuredTokenCount = 256;

    /// <summary>
    /// Computes the mean loss of data without learning from it. For samples, the loss is the mean of −ln(probability) over the tokens to learn. For
    /// pairs of answers and rated answers, it is the mean of their losses by the <see cref="TrainingOptions.Preference"/> method; for DPO it is ln 2 if
    /// training has changed nothing yet.
    /// </summary>
    /// <param name="data">
    /// Samples, rated answers, or pairs of answers. A sample may have at most <see cref="TrainingOptions.BatchTokenCount"/> tokens. For a pair, this limit
    /// applies to both answers together, except in KTO.
    /// </param>
    /// <param name="progress">Receives the fraction that is done, 0 to 1, after each batch, on the calling thread.</param>
    /// <param name="cancellationToken">Ends the evaluation after the current batch.</param>
    /// <exception cref="ArgumentException">
    /// A sample is malformed or too long, there is nothing to learn, or the data are not those from which the <see cref="TrainingOptions.Preference"/>
    /// method learns.
    /// </exception>
    /// <exception cref="InvalidOperationException">
    /// The data are pairs of answers and all weights are trained, but <see cref="TrainingOptions.Preference"/> is null, so no reference model was kept.
    /// </exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public double Evaluate(TrainingDataset data, IProgress<double>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(data);
        return Evaluate(TaskOf(data), progress, cancellationToken);
    }

    /// <summary>
    /// Continues prompts with the most probable tokens, with the weights as they are now. This shows during training what was learned; it has no cache of
    /// keys and values, so it is meant for short texts.
    /// </summary>
    /// <param name="prompts">
    /// The prompts, for example from <see cref="PromptFormat.Encode"/>. Each has 1 token or more and, together with <paramref name="maxTokens"/>, at most
    /// <see cref="TrainingOptions.BatchTokenCount"/> tokens and the model's context length.
    /// </param>
    /// <param name="maxTokens">The maximum number of tokens of each text, 1 or more.</param>
    /// <param name="cancellationToken">Ends the generation before the next token.</param>
    /// <returns>The tokens that follow each prompt, without the end-of-sequence token.</returns>
    /// <exception cref="ArgumentException">A prompt is empty or too long, or a token is not in the vocabulary.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public IReadOnlyList<int[]> Generate(IReadOnlyList<int[]> prompts, int maxTokens, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(prompts);
        ArgumentOutOfRangeException.ThrowIfLessThan(maxTokens, 1);
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        int limit = Math.Min(_options.BatchTokenCount, Configuration.ContextLength);
        foreach (int[] prompt in prompts)
        {
            if (prompt is null or [] || (long)prompt.Length + maxTokens > limit)
            {
                throw new ArgumentException(Invariant($"A prompt has {prompt?.Length ?? 0:N0} tokens; 1 to {limit - maxTokens:N0} are allowed, because with {maxTokens:N0} generated tokens it must fit into a batch and into the model's context."), nameof(prompts));
            }

            if (prompt.Any(token => token < 0 || token >= Configuration.VocabularySize))
            {
                throw new ArgumentException("A prompt has a token that is not in the vocabulary.", nameof(prompts));
            }
        }

        _model.Pass.IsTraining = false;
        return new GreedyGenerator(_model, _batch, Tokenizer.IsEndOfGeneration).Generate(prompts, maxTokens, cancellationToken);
    }

    /// <summary>
    /// Estimates how long training, or the rest of a resumed training, would take. For this, a pass over the first samples is measured: as many as
    /// have at most 256 tokens together, but at least one. The model learns nothing from this pass. The time of checkpoints is not included.
    /// <see cref="TrainingProgress.Remaining"/>, which is measured during training, is more exact.
    /// </summary>
    /// <param name="data">The training data.</param>
    /// <param name="validation">The data that are evaluated; null for no evaluation.</param>
    /// <param name="cancellationToken">Ends the measurement between two passes.</param>
    /// <inheritdoc cref="Evaluate(TrainingDataset, IProgress{double}?, CancellationToken)" path="/exception"/>
    public TimeSpan EstimateTime(TrainingDataset data, TrainingDataset? validation = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(data);
        return EstimateTime(TaskOf(data), validation is null ? null : TaskOf(validation), cancellationToken);
    }

    private ITrainingTask TaskOf(TrainingDataset data)
    {
        ITrainingTask task = TrainingTasks.Create(data, _options, Configuration);
        RequireContext(data);
        return task;
    }

    // A sample that is longer than the context would train the model on positions that the model never uses. The last token of a sample is only
    // predicted and not part of the input, so it takes no position.
    private void RequireContext(TrainingDataset data)
    {
        IEnumerable<TrainingSample> samples = data.Samples.Concat(data.Pairs.SelectMany(pair => (TrainingSample[])[pair.Chosen, pair.Rejected]));
        int longest = samples.Select(sample => sample.Tokens.Length).DefaultIfEmpty(0).Max();
        if (longest - 1 > Configuration.ContextLength)
        {
            throw new ArgumentException(
                Invariant($"A sample has {longest:N0} tokens; the model's context length is {Configuration.ContextLength:N0}. Have long samples left out ({nameof(DatasetOptions)}.{nameof(DatasetOptions.MaxLength)})."), nameof(data));
        }
    }

    private double Evaluate(ITrainingTask task, IProgress<double>? progress, CancellationToken cancellationToken)
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        var plan = new TrainingPlan(task.Lengths, _options with { EpochCount = 1, MaxStepCount = null, BatchesPerStep = 1 });
        int[] samples = [.. Enumerable.Range(0, task.Lengths.Length).Where(index => task.Lengths[index] > 0)];
        double total = samples.Sum(task.Weight), loss = 0;
        _model.Pass.IsTraining = false;
        // The counts of an evaluation that was cancelled are discarded.
        _ = task.TakeMetrics();
        task.Prepare(_model, _batch, samples, cancellationToken);
        for (int step = 0; step < plan.StepCount; step++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            loss += task.Evaluate(_model, _batch, plan.SamplesOfStep(step), 1 / total);
            progress?.Report((step + 1.0) / plan.StepCount);
        }

        return loss;
    }

    private TimeSpan EstimateTime(ITrainingTask task, ITrainingTask? validation, CancellationToken cancellationToken)
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        TrainingPlan plan = PlanOf(task, out _);
        if (StepCount >= plan.StepCount)
        {
            return TimeSpan.Zero;
        }

        // The first samples of the first batch are measured: as many as have at most 256 tokens together, but at least one sample. Before that, the
        // shortest sample alone is computed, so that the measurement does not include JIT compilation.
        int[] batch = plan.SamplesOf(plan.BatchesOf(StepCount).Start.Value).ToArray();
        int measuredCount = 0, sampleCount = 0;
        while (sampleCount < batch.Length && (sampleCount == 0 || measuredCount + task.Lengths[batch[sampleCount]] <= MeasuredTokenCount))
        {
            measuredCount += task.Lengths[batch[sampleCount++]];
        }

        _model.Pass.IsTraining = false;
        try
        {
            cancellationToken.ThrowIfCancellationRequested();
            Measure([batch.MinBy(sample => task.Lengths[sample])]);
            cancellationToken.ThrowIfCancellationRequested();
            var work = new RunWork(task, validation, plan, StepCount, Configuration, _options);
            var time = new TimeEstimate(Time, work, plan.StepCount, _options.EvaluationInterval, checkpointInterval: null);
            Measure(batch.AsSpan(0, sampleCount));
            time.End(RunPart.Step, batch.Take(sampleCount).Sum(sample => work.OfSample(sample)));
            return time.Remaining(StepCount);
        }
        finally
        {
            ClearGradients();
        }

        void Measure(ReadOnlySpan<int> samples)
        {
            task.Prepare(_model, _batch, samples, cancellationToken);
            task.Accumulate(_model, _batch, samples, 1);
        }
    }

    // Whether the state after the last step must be evaluated: an evaluation is due after this step, and it has not been made yet. Either the step is
    // new, or the run was cancelled before a checkpoint with the evaluation was written.
    private bool IsEvaluationDue(TrainingPlan plan)
        => StepCount > 0 && _best.Record.EvaluatedStep < StepCount && (StepCount % _options.EvaluationInterval == 0 || StepCount == plan.StepCount);

    /// <summary>Evaluates the validation data and records the loss. If the loss is the smallest so far, the weights are recorded too.</summary>
    private double Validate(ITrainingTask validation, CancellationToken cancellationToken, out bool isBest)
    {
        double loss = Evaluate(validation, progress: null, cancellationToken);
        isBest = _best.Add(StepCount, loss);
        _history.AddValidation(loss);
        LogEvaluation(_logger, StepCount, loss, _best.Record.BestLoss ?? double.NaN, _best.Record.BestStep);
        return loss;
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Step {Step}: validation loss {Loss}, the best {BestLoss} at step {BestStep}")]
    private static partial void LogEvaluation(ILogger logger, int step, double loss, double bestLoss, int bestStep);
}
