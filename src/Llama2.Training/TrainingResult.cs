namespace Llama2.Training;

/// <summary>What training came to.</summary>
/// <param name="StepCount">Steps done, those before a checkpoint included.</param>
/// <param name="Losses">The loss of each step of this run.</param>
public sealed record TrainingResult(int StepCount, IReadOnlyList<double> Losses);
