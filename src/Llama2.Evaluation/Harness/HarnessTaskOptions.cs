namespace Llama2.Evaluation;

/// <summary>How <see cref="HarnessTasks"/> makes tasks from task files. Immutable and thread-safe.</summary>
public sealed record HarnessTaskOptions
{
    /// <summary>
    /// The number of few-shot examples before each question, 0 to 100; null (the default) for the numbers in the files. As in lm-evaluation-harness, a
    /// task whose file states 0 keeps that number.
    /// </summary>
    public int? FewShotCount
    {
        get;
        init => field = value is < 0 or > 100 ? throw new ArgumentOutOfRangeException(nameof(FewShotCount), value, "It must be 0 to 100, or null.") : value;
    }

    /// <summary>
    /// The seed with which few-shot examples are drawn; default 1234, as in lm-evaluation-harness. The same seed draws the same examples there, because both
    /// use Python's generator.
    /// </summary>
    public long FewShotSeed { get; init; } = 1234;

    /// <summary>Whether prompts are conversations in the model's prompt format, for chat models; default false: texts that the model continues.</summary>
    public bool UsesChat { get; init; }

    /// <summary>Whether, in conversations, each few-shot example is a turn of its own; default false: all of them are part of the user's message.</summary>
    public bool FewShotsAreTurns { get; init; }

    /// <summary>The system prompt, or the text before everything else if prompts are not conversations; null (the default) for none.</summary>
    public string? SystemPrompt { get; init; }

    /// <summary>The maximum number of tokens of generated answers, 1 or more; null (the default) for the numbers in the files, or 256 if they state none.</summary>
    public int? MaxTokens
    {
        get;
        init => field = value is < 1 ? throw new ArgumentOutOfRangeException(nameof(MaxTokens), value, "It must be 1 or more, or null.") : value;
    }

    /// <summary>
    /// The folder in which included files must be; null (the default) for the folder that is loaded, or the folder of the file that is loaded.
    /// </summary>
    public string? RootFolder { get; init; }
}
