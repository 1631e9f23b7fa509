using Microsoft.Extensions.AI.Evaluation;

namespace Llama2.Evaluators;

/// <summary>Right answers to a question, for <see cref="ReferenceAnswerEvaluator"/> and <see cref="JudgeEvaluator"/>. Immutable and thread-safe.</summary>
public sealed class ReferenceAnswerContext : EvaluationContext
{
    /// <summary>The name of contexts of this type in reports.</summary>
    public const string ContextName = "Reference answer";

    /// <summary>Initializes the context.</summary>
    /// <param name="answers">One or more right answers.</param>
    public ReferenceAnswerContext(params IReadOnlyList<string> answers)
        : base(ContextName, string.Join('\n', answers ?? throw new ArgumentNullException(nameof(answers))))
    {
        if (answers.Count == 0 || answers.Any(answer => answer is null))
            throw new ArgumentException("There must be at least one answer, and none may be null.", nameof(answers));
        Answers = [.. answers];
    }

    /// <summary>The answers.</summary>
    public IReadOnlyList<string> Answers { get; }
}
