namespace Llama2.Training.Export;

/// <summary>The data of a training run.</summary>
/// <param name="SampleCount">The number of samples or pairs.</param>
/// <param name="ValidationCount">The number of samples or pairs for validation.</param>
/// <param name="StepCount">The number of planned steps.</param>
/// <param name="IsPreference">Whether the data were pairs of answers, one of which is preferred.</param>
internal sealed record TrainedData(int SampleCount, int ValidationCount, int StepCount, bool IsPreference);
