using System.Security.Cryptography;

namespace Llama2.Training.Model;

/// <summary>A training objective with its data: samples, or preferences.</summary>
internal interface ITrainingTask
{
    /// <summary>The number of tokens of each sample that take a place in a batch; 0 omits a sample.</summary>
    int[] Lengths { get; }

    /// <summary>The weight of a sample in the loss of its step.</summary>
    double Weight(int sample);

    /// <summary>Computes a batch and adds to the gradients.</summary>
    /// <param name="model">The model.</param>
    /// <param name="batch">A batch that is filled with the samples.</param>
    /// <param name="samples">The indices of the samples.</param>
    /// <param name="scale">1 ÷ the weight of all samples of the step.</param>
    /// <returns>The batch's contribution to the step's loss.</returns>
    double Accumulate(TrainingModel model, TokenBatch batch, ReadOnlySpan<int> samples, double scale);

    /// <summary>Computes the batch's contribution to the loss, without gradients.</summary>
    double Evaluate(TrainingModel model, TokenBatch batch, ReadOnlySpan<int> samples, double scale);

    /// <summary>
    /// The fraction of pairs since the last call whose chosen answer gained probability relative to the rejected one; null if there are no pairs.
    /// </summary>
    double? TakeAccuracy();

    /// <summary>Adds the data to a digest.</summary>
    void Hash(IncrementalHash digest);
}
