namespace Llama2;

/// <summary>A whole generation.</summary>
/// <param name="Text">The text, without the prompt.</param>
/// <param name="FinishReason">Why the generation ended.</param>
/// <param name="Usage">Token counts and times.</param>
public sealed record GenerationResult(string Text, FinishReason FinishReason, GenerationUsage Usage);
