namespace Llama2.Evaluation;

/// <summary>How an <see cref="EvaluationRunner"/> runs. Immutable and thread-safe.</summary>
public sealed record EvaluationRunOptions
{
    /// <summary>The maximum number of examples of each task, from its beginning, 1 or more; null (the default) for all.</summary>
    public int? MaxExampleCount
    {
        get;
        init => field = value is < 1 ? throw new ArgumentOutOfRangeException(nameof(MaxExampleCount), value, "It must be 1 or more, or null for all examples.") : value;
    }

    /// <summary>
    /// The number of examples that are computed at the same time, 1 to 1,024; default 32. More examples keep the threads of a large machine busy; they
    /// need memory for the keys and values of their prompts. Results do not depend on the number.
    /// </summary>
    public int ConcurrentExampleCount
    {
        get;
        init => field = value is < 1 or > 1024 ? throw new ArgumentOutOfRangeException(nameof(ConcurrentExampleCount), value, "It must be 1 to 1,024.") : value;
    } = 32;

    /// <summary>
    /// The file in which each response is stored as soon as it is known: a run that was interrupted continues from it. Null (the default) for none. A
    /// file that exists must have been written with the same <see cref="IEvaluationBackend.Fingerprint"/>.
    /// </summary>
    public string? JournalPath { get; init; }

    /// <summary>The groups whose results are computed from those of the tasks; default none.</summary>
    public IReadOnlyList<EvaluationTaskGroup> Groups { get; init; } = [];

    /// <summary>The clock for the times in the report; default the system's.</summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;
}
