namespace Llama2.Evaluation;

/// <summary>The results of a run over one or more tasks. Immutable and thread-safe.</summary>
public sealed record EvaluationReport
{
    /// <summary>The name of the model.</summary>
    public required string ModelName { get; init; }

    /// <summary>The backend's fingerprint, which identifies the model and its options.</summary>
    public required string Fingerprint { get; init; }

    /// <summary>The results of the tasks, in the order of the run.</summary>
    public required IReadOnlyList<TaskReport> Tasks { get; init; }

    /// <summary>The results of the groups; empty if there are none.</summary>
    public IReadOnlyList<GroupReport> Groups { get; init; } = [];

    /// <summary>When the run started.</summary>
    public DateTimeOffset StartTime { get; init; }

    /// <summary>How long the run took, without earlier parts from which it was resumed.</summary>
    public TimeSpan Duration { get; init; }

    /// <summary>The maximum number of examples of each task; null for all.</summary>
    public int? MaxExampleCount { get; init; }

    /// <summary>The seed of sampled answers; null (the default) if it is not known.</summary>
    public ulong? Seed { get; init; }

    /// <summary>The version of the library that made the report; empty (the default) if it is not known.</summary>
    public string LibraryVersion { get; init; } = "";

    /// <summary>The processor on which the run was made: its architecture, the kernel tier, and the number of cores; empty (the default) if it is not known.</summary>
    public string Processor { get; init; } = "";

    /// <summary>The number of responses that were taken from a journal.</summary>
    public int StoredResponseCount { get; init; }

    /// <summary>The number of requests whose prompt was cut off at its beginning, because the model's context is too short.</summary>
    public int TruncatedRequestCount => Tasks.Sum(task => task.Examples.Sum(example => example.Responses.Count(response => response.IsTruncated)));
}
