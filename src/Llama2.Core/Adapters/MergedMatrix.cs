namespace Llama2;

/// <summary>What survived of the adapters' change of one matrix.</summary>
/// <param name="Name">The tensor's name in GGUF.</param>
/// <param name="Type">The name of the type in which the matrix was written.</param>
/// <param name="Survival">The part of the change that is in the written weights; see <see cref="AdapterMergeReport.Survival"/>.</param>
public sealed record MergedMatrix(string Name, string Type, double Survival);
