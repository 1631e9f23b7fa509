namespace Llama2;

/// <summary>A whole generation.</summary>
/// <param name="Text">The text, without the prompt.</param>
/// <param name="FinishReason">Why it ended.</param>
/// <param name="Usage">What it cost.</param>
public sealed record GenerationResult(string Text, FinishReason FinishReason, GenerationUsage Usage);
