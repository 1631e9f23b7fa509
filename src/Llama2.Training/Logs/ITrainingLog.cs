namespace Llama2.Training;

/// <summary>
/// A log of a training run. It is the receiver of progress for
/// <see cref="LlamaTrainer.Train(TrainingDataset, TrainingDataset?, IProgress{TrainingProgress}?, CancellationToken)"/>, or one of several to which the
/// application's own receiver passes the reports on. What was reported is in the file when the call returns, so the log can be read during training. Not
/// thread-safe.
/// </summary>
public interface ITrainingLog : IProgress<TrainingProgress>, IDisposable
{
    /// <summary>Adds a text that the model wrote during training.</summary>
    /// <param name="stepNumber">The number of completed steps.</param>
    /// <param name="prompt">The prompt.</param>
    /// <param name="text">What the model wrote.</param>
    /// <exception cref="IOException">The log cannot be written.</exception>
    void AddGeneration(int stepNumber, string prompt, string text);
}
