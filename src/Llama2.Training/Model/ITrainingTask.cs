using System.Security.Cryptography;

namespace Llama2.Training.Model;

/// <summary>What is learned from: samples, or preferences.</summary>
internal interface ITrainingTask
{
    /// <summary>Tokens of each sample that take a place in a batch; 0 leaves a sample out.</summary>
    int[] Lengths { get; }

    /// <summary>What a sample weighs in the loss of its step.</summary>
    double Weight(int sample);

    /// <summary>Computes a batch and adds to the gradients.</summary>
    /// <param name="model">The model.</param>
    /// <param name="batch">Is filled.</param>
    /// <param name="samples">Which.</param>
    /// <param name="scale">1 ÷ the weight of all samples of the step.</param>
    /// <returns>The batch's part of the step's loss.</returns>
    double Accumulate(TrainingModel model, TokenBatch batch, ReadOnlySpan<int> samples, double scale);

    /// <summary>The batch's part of the loss, without gradients.</summary>
    double Evaluate(TrainingModel model, TokenBatch batch, ReadOnlySpan<int> samples, double scale);

    /// <summary>The part of pairs since the last call whose chosen answer gained on the rejected one; null where there are none.</summary>
    double? TakeAccuracy();

    /// <summary>Adds the data to a digest.</summary>
    void Hash(IncrementalHash digest);
}
