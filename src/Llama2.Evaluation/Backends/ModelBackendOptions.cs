namespace Llama2.Evaluation;

/// <summary>How a <see cref="ModelBackend"/> computes. Immutable and thread-safe.</summary>
public sealed record ModelBackendOptions
{
    /// <summary>The name of the model in reports; null (the default) for the name in the model's configuration.</summary>
    public string? Name { get; init; }

    /// <summary>The adapters and the prefix scope; null (the default) for none.</summary>
    public ComputationOptions? Computation { get; init; }

    /// <summary>The prompt format of conversations; null (the default) to detect the model's.</summary>
    public PromptFormat? PromptFormat { get; init; }

    /// <summary>
    /// Whether plain prompts begin with the begin-of-sequence token; null (the default) for what the vocabulary states, which is true for Llama 2.
    /// lm-evaluation-harness adds this token to prompts of Llama models only with its option <c>add_bos_token=True</c>.
    /// </summary>
    public bool? AddBeginOfSequence { get; init; }

    /// <summary>The seed of generations with a temperature; each prompt and repeat has a seed derived from it. Default 1234.</summary>
    public ulong Seed { get; init; } = 1234;
}
