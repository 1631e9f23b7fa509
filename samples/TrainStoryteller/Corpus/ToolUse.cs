using Llama2;

namespace TrainStoryteller.Corpus;

/// <summary>A call that a question needs, and its result.</summary>
/// <param name="Call">What the model has to write.</param>
/// <param name="Result">What the tool returns.</param>
internal sealed record ToolUse(LlamaToolCall Call, string Result);
