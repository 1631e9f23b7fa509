namespace Llama2.Evaluation;

/// <summary>A programming task: a prompt that the model continues, and tests of the resulting program. Immutable and thread-safe.</summary>
public sealed class CodeTask
{
    private readonly string _codePrefix;
    private readonly string _preamble;
    private readonly string _checks;
    private readonly IReadOnlyList<string> _names;

    internal CodeTask(string id, string prompt, string codePrefix, string preamble, string checks, IReadOnlyList<string> names) =>
        (Id, Prompt, _codePrefix, _preamble, _checks, _names) = (id, prompt, codePrefix, preamble, checks, names);

    /// <summary>The task's name, such as <c>HumanEval/0</c>.</summary>
    public string Id { get; }

    /// <summary>The text that the model continues.</summary>
    public string Prompt { get; }

    /// <summary>The texts at the first of which a continuation ends, 1 or more.</summary>
    public required IReadOnlyList<string> StopSequences { get; init; }

    /// <summary>The maximum number of tokens of a continuation in lm-evaluation-harness.</summary>
    public required int MaxTokens { get; init; }

    /// <summary>A correct continuation of the prompt; the data set's own solution.</summary>
    public required string Solution { get; init; }

    /// <summary>A continuation up to the first stop sequence in it.</summary>
    /// <param name="completion">What the model wrote after the prompt.</param>
    public string Truncate(string completion)
    {
        ArgumentNullException.ThrowIfNull(completion);
        int end = StopSequences.Select(stop => completion.IndexOf(stop, StringComparison.Ordinal)).Where(index => index >= 0).DefaultIfEmpty(completion.Length).Min();
        return completion[..end];
    }

    /// <summary>The program that a continuation makes, with the task's tests as its checks.</summary>
    /// <param name="completion">The continuation of the prompt, which is truncated at the first stop sequence.</param>
    /// <exception cref="ArgumentException">The program is longer than <see cref="CodeProgram.MaxLength"/>.</exception>
    public CodeProgram CreateProgram(string completion) => new()
    {
        Code = $"{_codePrefix}{Truncate(completion)}\n",
        Preamble = _preamble,
        Checks = _checks,
        CheckedNames = _names,
    };

    /// <summary>Returns <see cref="Id"/>.</summary>
    public override string ToString() => Id;
}
