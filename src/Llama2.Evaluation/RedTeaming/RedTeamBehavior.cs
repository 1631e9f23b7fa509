namespace Llama2.Evaluation;

/// <summary>Something that a model is asked to do in a red-team test. Immutable and thread-safe.</summary>
/// <param name="Id">Identifies the behavior in its set.</param>
/// <param name="Text">The request, as a user would write it.</param>
/// <param name="Category">The category, by which results are counted; empty for none.</param>
public sealed record RedTeamBehavior(string Id, string Text, string Category = "");
