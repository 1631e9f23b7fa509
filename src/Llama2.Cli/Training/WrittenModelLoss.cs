using Llama2.Training;

namespace Llama2.Cli.Training;

/// <summary>Measures the validation loss of a model that was written, with its weights as they are in the file.</summary>
internal static class WrittenModelLoss
{
    /// <param name="path">The model.</param>
    /// <param name="validation">Samples.</param>
    /// <param name="options">The options with which the model was trained.</param>
    /// <param name="cancellationToken">Ends the measurement.</param>
    public static double Measure(string path, TrainingDataset validation, TrainingOptions options, CancellationToken cancellationToken)
    {
        // An adapter that was not trained changes nothing. The smallest one takes the least memory.
        var unchanged = new TrainingOptions
        {
            Lora = new LoraOptions { Rank = 1, Targets = LoraTargets.Value },
            BatchTokenCount = options.BatchTokenCount,
            RecomputeActivations = true,
            ThreadCount = options.ThreadCount,
        };
        using LlamaTrainer trainer = LlamaTrainer.Open(path, unchanged, cancellationToken: cancellationToken);
        return trainer.Evaluate(validation, cancellationToken: cancellationToken);
    }
}
