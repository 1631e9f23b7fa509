using static System.FormattableString;

namespace Llama2.Evaluation;

/// <summary>
/// What a model is asked when it judges an answer: a question about the answer, and the labels that may answer it. Immutable and thread-safe.
/// </summary>
public sealed record JudgeRubric
{
    /// <summary>The maximum number of labels.</summary>
    public const int MaxLabelCount = 26;

    /// <summary>Initializes a rubric.</summary>
    /// <param name="name">The name in reports.</param>
    /// <param name="instruction">
    /// What to judge, as a text for the model, such as <c>Is every statement of the answer supported by the context?</c> The labels are added to it.
    /// </param>
    /// <param name="labels">2 to 26 different labels, such as <c>yes</c> and <c>no</c>; each a short word or number.</param>
    public JudgeRubric(string name, string instruction, IReadOnlyList<string> labels)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentException.ThrowIfNullOrEmpty(instruction);
        ArgumentNullException.ThrowIfNull(labels);
        string[] copy = [.. labels];
        if (copy.Length is < 2 or > MaxLabelCount || copy.Any(string.IsNullOrWhiteSpace) || copy.Distinct().Count() != copy.Length)
            throw new ArgumentException(Invariant($"A rubric needs 2 to {MaxLabelCount} different labels that are not blank; {copy.Length} were given."), nameof(labels));
        (Name, Instruction, Labels) = (name, instruction, copy);
    }

    /// <summary>Whether every statement of an answer is supported by a context: <c>yes</c> or <c>no</c>.</summary>
    public static JudgeRubric Groundedness { get; } = new(
        "groundedness",
        "Is every statement of the answer supported by the context? Knowledge from outside the context does not count.",
        ["yes", "no"]);

    /// <summary>Whether an answer says the same as a reference answer: <c>yes</c> or <c>no</c>.</summary>
    public static JudgeRubric Correctness { get; } = new(
        "correctness", "Does the answer say the same as the reference answer? Wording does not matter.", ["yes", "no"]);

    /// <summary>How well an answer helps the person who asked: <c>1</c> (not at all) to <c>5</c> (completely).</summary>
    public static JudgeRubric Helpfulness { get; } = new(
        "helpfulness", "How well does the answer help the person who asked? 1 means not at all, 5 means completely.", ["1", "2", "3", "4", "5"]);

    /// <summary>The name in reports.</summary>
    public string Name { get; }

    /// <summary>What to judge.</summary>
    public string Instruction { get; }

    /// <summary>The labels, in their order.</summary>
    public IReadOnlyList<string> Labels { get; }
}
