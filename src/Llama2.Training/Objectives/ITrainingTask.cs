using System.Security.Cryptography;
using Llama2.Training.Model;

namespace Llama2.Training.Objectives;

/// <summary>A training objective with its data, which are samples, rated answers or pairs of answers.</summary>
internal interface ITrainingTask
{
    /// <summary>How preferences are learned; null if samples are learned.</summary>
    PreferenceOptions? Preference { get; }

    /// <summary>For each sample, the number of its tokens that take a place in a batch; a sample without such tokens is omitted.</summary>
    int[] Lengths { get; }

    /// <summary>The weight of a sample in the loss of its step.</summary>
    double Weight(int sample);

    /// <summary>
    /// Computes, before the first batch of a step or an evaluation, what the losses of all its samples have in common. So the loss does not depend on how the
    /// samples are packed into batches.
    /// </summary>
    /// <param name="model">The model.</param>
    /// <param name="batch">A batch that may be filled with anything.</param>
    /// <param name="samples">The indices of all samples of the step or evaluation.</param>
    /// <param name="cancellationToken">Ends the computation between two batches.</param>
    void Prepare(TrainingModel model, TokenBatch batch, ReadOnlySpan<int> samples, CancellationToken cancellationToken)
    {
    }

    /// <summary>The work of a forward pass over a sample.</summary>
    double ForwardWork(int sample, PassWork pass);

    /// <summary>The number of forward passes that learning from a sample, or evaluating it, takes.</summary>
    /// <param name="isKnown">Whether this object has already computed the sample.</param>
    int ForwardPassCount(bool isKnown) => 1;

    /// <summary>Computes the loss of a batch, and adds its gradient to the gradients of the parameters.</summary>
    /// <param name="model">The model.</param>
    /// <param name="batch">A batch that is filled with the samples.</param>
    /// <param name="samples">The indices of the samples.</param>
    /// <param name="scale">1 ÷ the sum of the weights of all samples of the step.</param>
    /// <returns>The batch's contribution to the step's loss.</returns>
    double Accumulate(TrainingModel model, TokenBatch batch, ReadOnlySpan<int> samples, double scale);

    /// <summary>Computes the batch's contribution to the loss, without gradients.</summary>
    double Evaluate(TrainingModel model, TokenBatch batch, ReadOnlySpan<int> samples, double scale);

    /// <summary>Returns the rewards of the answers that <see cref="Accumulate"/> computed since the last call. Null if the task has no preferences.</summary>
    PreferenceRewards? TakeRewards();

    /// <summary>Returns the metrics of the samples that <see cref="Evaluate"/> computed since the last call. Null for preferences.</summary>
    AnswerMetrics? TakeMetrics() => null;

    /// <summary>Adds the data to a digest.</summary>
    void Hash(IncrementalHash digest);
}
