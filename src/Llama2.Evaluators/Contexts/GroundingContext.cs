using Microsoft.Extensions.AI.Evaluation;

namespace Llama2.Evaluators;

/// <summary>The text that must support an answer, for <see cref="GroundednessEvaluator"/>. Immutable and thread-safe.</summary>
/// <param name="text">The text, such as the documents that were found for a question.</param>
public sealed class GroundingContext(string text) : EvaluationContext(ContextName, text)
{
    /// <summary>The name of contexts of this type in reports.</summary>
    public const string ContextName = "Grounding";

    /// <summary>The text.</summary>
    public string Text { get; } = text;
}
