namespace Llama2.Training.Export;

/// <summary>What a run of training had to learn.</summary>
/// <param name="SampleCount">Samples, or pairs.</param>
/// <param name="ValidationCount">Those that were evaluated, not learned.</param>
/// <param name="StepCount">Steps that were planned.</param>
/// <param name="IsPreference">Whether they were pairs.</param>
internal sealed record TrainedData(int SampleCount, int ValidationCount, int StepCount, bool IsPreference);
