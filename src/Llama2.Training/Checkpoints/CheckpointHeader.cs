namespace Llama2.Training.Checkpoints;

/// <summary>The header of a checkpoint; the numbers follow it.</summary>
/// <param name="Model">The fingerprint of the model with which training began.</param>
/// <param name="Options">The options that affect the bits of the result.</param>
/// <param name="Length">The length of the run.</param>
/// <param name="Data">A digest of the data.</param>
/// <param name="Step">The number of completed steps.</param>
/// <param name="Validation">The results of validation so far.</param>
internal sealed record CheckpointHeader(string Model, string Options, RunLength Length, string Data, int Step, ValidationRecord Validation);
