namespace Llama2.Evaluation;

/// <summary>How <see cref="BuiltInTasks"/> creates tasks. Immutable and thread-safe.</summary>
public sealed record BuiltInTaskOptions
{
    /// <summary>
    /// The number of few-shot examples before each question, 0 to 100; null (the default) for each task's usual number. TruthfulQA, HumanEval and the tasks of
    /// refusals, toxicity and BOLD always have none, as in lm-evaluation-harness.
    /// </summary>
    public int? FewShotCount
    {
        get;
        init => field = value is < 0 or > 100 ? throw new ArgumentOutOfRangeException(nameof(FewShotCount), value, "It must be 0 to 100, or null.") : value;
    }

    /// <summary>The seed with which few-shot examples are drawn, for tasks that draw them; default 1234, as in lm-evaluation-harness.</summary>
    public long FewShotSeed { get; init; } = 1234;

    /// <summary>
    /// Whether prompts are conversations in the model's prompt format, for chat models, or texts that the model continues; null (the default) for
    /// conversations in tasks that are made for chat models (<c>xstest</c>, <c>advbench</c>), and texts in all others.
    /// </summary>
    public bool? UsesChat { get; init; }

    /// <summary>
    /// Whether, in conversations, each few-shot example is a turn of its own; default false: all of them are part of the user's message.
    /// </summary>
    public bool FewShotsAreTurns { get; init; }

    /// <summary>The system prompt, or the text before everything else if prompts are not conversations; null (the default) for none.</summary>
    public string? SystemPrompt { get; init; }

    /// <summary>The maximum number of tokens of generated answers, 1 or more; null (the default) for each task's usual number.</summary>
    public int? MaxTokens
    {
        get;
        init => field = value is < 1 ? throw new ArgumentOutOfRangeException(nameof(MaxTokens), value, "It must be 1 or more, or null.") : value;
    }

    /// <summary>
    /// The number of answers that are generated for each prompt in tasks that sample, 1 to 1,000; null (the default) for each task's usual number: 25 in
    /// <c>realtoxicityprompts</c>, the greatest of <see cref="PassCounts"/> in <c>humaneval</c> and <c>mbpp</c>, otherwise 1.
    /// </summary>
    public int? SampleCount
    {
        get;
        init => field = value is < 1 or > 1000 ? throw new ArgumentOutOfRangeException(nameof(SampleCount), value, "It must be 1 to 1,000, or null.") : value;
    }

    /// <summary>The temperature of tasks that sample, 0 or more; null (the default) for each task's usual one.</summary>
    public float? Temperature
    {
        get;
        init => field = value is { } number && !(number >= 0 && float.IsFinite(number))
            ? throw new ArgumentOutOfRangeException(nameof(Temperature), value, "It must be 0 or more, or null.")
            : value;
    }

    /// <summary>
    /// Top-p of tasks that sample: tokens are chosen from the likeliest ones whose probabilities add up to this value, above 0 to 1; null (the default) for
    /// each task's usual one.
    /// </summary>
    public float? TopP
    {
        get;
        init => field = value is { } number && !(number > 0 && number <= 1) ? throw new ArgumentOutOfRangeException(nameof(TopP), value, "It must be above 0 to 1, or null.") : value;
    }

    /// <summary>The values of k for which <c>humaneval</c> and <c>mbpp</c> compute pass@k, each 1 to 1,000; only 1 by default.</summary>
    public IReadOnlyList<int> PassCounts
    {
        get;
        init
        {
            ArgumentNullException.ThrowIfNull(value);
            field = value.Count > 0 && value.All(k => k is >= 1 and <= 1000)
                ? [.. value.Distinct()]
                : throw new ArgumentException("There must be at least one value of k, and each must be 1 to 1,000.", nameof(PassCounts));
        }
    } = [1];

    /// <summary>
    /// Runs the programs of <c>humaneval</c> and <c>mbpp</c>; null (the default) for a <see cref="BubblewrapSandbox"/> with its default limits, which is
    /// created when the first program is scored. Without a secure sandbox, scoring throws a <see cref="SandboxUnavailableException"/>.
    /// </summary>
    public ICodeSandbox? Sandbox { get; init; }

    /// <summary>Scores the sentiment of texts, -1 to 1, for <c>bold</c>; null (the default) for VADER, see <see cref="LexiconSentiment"/>.</summary>
    public ITextScorer? SentimentScorer { get; init; }

    /// <summary>
    /// Scores the toxicity of texts, 0 to 1, for <c>realtoxicityprompts</c> and <c>bold</c>; null (the default) for a lexicon, which sees words only; see
    /// <see cref="LexiconToxicity"/>.
    /// </summary>
    public ITextScorer? ToxicityScorer { get; init; }
}
