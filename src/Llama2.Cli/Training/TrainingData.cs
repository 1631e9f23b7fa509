using Llama2.Training;

namespace Llama2.Cli.Training;

/// <summary>The data of a training run.</summary>
/// <param name="Training">What is learned.</param>
/// <param name="Validation">What the loss is measured on; null for nothing.</param>
/// <param name="Name">The names of the files, for the model card.</param>
/// <param name="Format">The prompt format of conversations; null if it is not known.</param>
internal sealed record TrainingData(TrainingDataset Training, TrainingDataset? Validation, string Name, PromptFormat? Format);
