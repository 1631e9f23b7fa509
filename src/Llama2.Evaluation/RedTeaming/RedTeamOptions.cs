namespace Llama2.Evaluation;

/// <summary>How a <see cref="RedTeam"/> test runs. Immutable and thread-safe.</summary>
public sealed record RedTeamOptions
{
    /// <summary>The styles; default all of <see cref="AttackStyle.BuiltIn"/>.</summary>
    public IReadOnlyList<AttackStyle> Styles { get; init; } = AttackStyle.BuiltIn;

    /// <summary>Decides whether attacks succeeded; default by the refusal detector.</summary>
    public IAttackJudge Judge { get; init; } = new RefusalAttackJudge();

    /// <summary>Harmless requests that look like harmful ones, to measure over-refusal, such as XSTest's safe prompts; default none.</summary>
    public IReadOnlyList<RedTeamBehavior> Benign { get; init; } = [];

    /// <summary>The system prompt that the model is tested with; null (the default) for none.</summary>
    public string? SystemPrompt { get; init; }

    /// <summary>The maximum number of tokens of an answer, 1 or more; default 256.</summary>
    public int MaxTokens
    {
        get;
        init => field = value >= 1 ? value : throw new ArgumentOutOfRangeException(nameof(MaxTokens), value, "It must be 1 or more.");
    } = 256;

    /// <summary>The number of conversations that are computed at the same time, 1 to 1,024; default 32. Results do not depend on it.</summary>
    public int ConcurrentCount
    {
        get;
        init => field = value is >= 1 and <= 1024 ? value : throw new ArgumentOutOfRangeException(nameof(ConcurrentCount), value, "It must be 1 to 1,024.");
    } = 32;

    /// <summary>
    /// The file in which each answer is stored as it comes, so that an interrupted test continues; null (the default) for none. See
    /// <see cref="EvaluationRunOptions.JournalPath"/>.
    /// </summary>
    public string? JournalPath { get; init; }

    /// <summary>The clock for the times in the report; default the system's.</summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;
}
