namespace Llama2.Training.Checkpoints;

/// <summary>What a checkpoint says before its numbers.</summary>
/// <param name="Model">The fingerprint of the model that training began with.</param>
/// <param name="Options">The options that decide about bits.</param>
/// <param name="Data">A digest of the data.</param>
/// <param name="Step">Steps done.</param>
/// <param name="Validation">What validation had found.</param>
internal sealed record CheckpointHeader(string Model, string Options, string Data, int Step, ValidationRecord Validation);
