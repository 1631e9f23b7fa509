namespace Llama2;

/// <summary>How much of the adapters' change of one matrix survived.</summary>
/// <param name="Name">The tensor's name in GGUF.</param>
/// <param name="Type">The name of the type in which the matrix was written.</param>
/// <param name="Survival">The part of the change that is in the written weights; see <see cref="AdapterMergeReport.Survival"/>.</param>
public sealed record MergedMatrix(string Name, string Type, double Survival);
