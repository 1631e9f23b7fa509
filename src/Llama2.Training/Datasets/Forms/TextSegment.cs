namespace Llama2.Training.Datasets.Forms;

/// <summary>A part of a text that states its control tokens itself.</summary>
/// <param name="Text">The part.</param>
/// <param name="IsLearned">Whether its tokens are learned.</param>
internal sealed record TextSegment(string Text, bool IsLearned);
