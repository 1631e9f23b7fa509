using System.Text.Json;
using Llama2.Evaluation.Scoring;

namespace Llama2.Evaluation.Tasks;

/// <summary>
/// How a set of documents becomes a task, with the terms of lm-evaluation-harness' task files. Task files and built-in tasks are both read into this
/// record, so both are computed and scored by the same code.
/// </summary>
internal sealed record DocumentTaskDefinition
{
    public required EvaluationTaskInfo Info { get; init; }

    public required DocumentOutput Output { get; init; }

    /// <summary>The documents that are evaluated.</summary>
    public required IReadOnlyList<JsonElement> Documents { get; init; }

    /// <summary>Makes the question of a document; an index chooses one of several contexts (tasks such as WinoGrande).</summary>
    public required Func<JsonElement, TaskValue> Text { get; init; }

    /// <summary>Makes the right answer of a document.</summary>
    public required Func<JsonElement, TaskValue> Target { get; init; }

    /// <summary>Makes the choices of a document; null if there are none.</summary>
    public Func<JsonElement, IReadOnlyList<string>>? Choices { get; init; }

    /// <summary>Makes the target that a few-shot example shows; null if it is <see cref="Target"/>.</summary>
    public Func<JsonElement, TaskValue>? FewShotTarget { get; init; }

    /// <summary>Makes the question that a few-shot example shows; null if it is <see cref="Text"/>.</summary>
    public Func<JsonElement, TaskValue>? FewShotText { get; init; }

    /// <summary>Makes the choices of a few-shot example; null if they are <see cref="Choices"/>.</summary>
    public Func<JsonElement, IReadOnlyList<string>>? FewShotChoices { get; init; }

    /// <summary>
    /// Whether the choices are contexts, each followed by the same target: the likeliest context is the answer, and <see cref="Text"/> gives the index
    /// of the right one.
    /// </summary>
    public bool ChoicesAreContexts { get; init; }

    /// <summary>Gives the few-shot examples before each question, in their order; null for none.</summary>
    public IFewShotSampler? FewShots { get; init; }

    /// <summary>The text before the first example, made for a document.</summary>
    public Func<JsonElement, string> Description { get; init; } = _ => "";

    /// <summary>The text between question and answer. As in lm-evaluation-harness, it is not used for <see cref="DocumentOutput.LogLikelihood"/>.</summary>
    public string TargetDelimiter { get; init; } = " ";

    /// <summary>
    /// The text before each choice; null for the rule of lm-evaluation-harness: <see cref="TargetDelimiter"/>, but none in conversations unless the answer has
    /// a prefix that does not end with white space.
    /// </summary>
    public string? ChoiceDelimiter { get; init; }

    /// <summary>The text between question and answer of a few-shot example; null if it is <see cref="TargetDelimiter"/>.</summary>
    public string? FewShotTargetDelimiter { get; init; }

    /// <summary>The text between system prompt and description; null if it is <see cref="FewShotDelimiter"/>.</summary>
    public string? DescriptionDelimiter { get; init; }

    /// <summary>The text after each few-shot example.</summary>
    public string FewShotDelimiter { get; init; } = "\n\n";

    /// <summary>The beginning of the answer, which is part of the prompt.</summary>
    public Func<JsonElement, string> AnswerPrefix { get; init; } = _ => "";

    /// <summary>The beginning of the answer of a few-shot example; null if it is <see cref="AnswerPrefix"/>.</summary>
    public Func<JsonElement, string>? FewShotAnswerPrefix { get; init; }

    /// <summary>Stop sequences, length and sampling of generated answers.</summary>
    public GenerationRequest Generation { get; init; } = new("");

    /// <summary>The number of answers to generate for each document.</summary>
    public int RepeatCount { get; init; } = 1;

    /// <summary>Continuations of the prompt whose log-likelihoods are requested after the generated answers; default none.</summary>
    public IReadOnlyList<string> ScoredContinuations { get; init; } = [];

    /// <summary>Whether prompts are conversations, in the model's prompt format.</summary>
    public bool UsesChat { get; init; }

    /// <summary>Whether each few-shot example is a turn of the conversation, rather than all of them a part of the user's message.</summary>
    public bool FewShotsAreTurns { get; init; }

    /// <summary>The system prompt of conversations, or the text before the description; null for none.</summary>
    public string? SystemPrompt { get; init; }

    /// <summary>The filters that extract answers from generated texts; at least one.</summary>
    public IReadOnlyList<FilterPipeline> Filters { get; init; } = [FilterPipeline.TakeFirst];

    /// <summary>The metrics, each with its computation.</summary>
    public IReadOnlyList<DocumentMetric> Metrics { get; init; } = [];

    /// <summary>Whether requests without the context are made too: one of the metrics is <see cref="ChoiceMetrics.MutualInformation"/>.</summary>
    public bool NeedsUnconditional => Metrics.Any(metric => metric.Metric.Name == ChoiceMetrics.MutualInformation);

    /// <summary>Computes all samples of an example in place of <see cref="Metrics"/>' computations; null for those.</summary>
    public Func<DocumentOutcome, CancellationToken, ValueTask<EvaluationScore>>? Scorer { get; init; }
}
