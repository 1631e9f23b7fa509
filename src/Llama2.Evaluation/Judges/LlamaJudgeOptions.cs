namespace Llama2.Evaluation;

/// <summary>How a <see cref="LlamaJudge"/> judges. Immutable and thread-safe.</summary>
public sealed record LlamaJudgeOptions
{
    /// <summary>
    /// The maximum number of tokens with which the model first writes its reasons, 0 to 4,096; default 0 for a verdict without reasons. Reasons improve the
    /// verdicts of large models (Zheng et al. 2023, arXiv 2306.05685) and take the time of a generation.
    /// </summary>
    public int MaxReasonTokens
    {
        get;
        init => field = value is < 0 or > 4096 ? throw new ArgumentOutOfRangeException(nameof(MaxReasonTokens), value, "It must be 0 to 4,096.") : value;
    }

    /// <summary>The prompt format, adapters and seed; null for the defaults.</summary>
    public ModelBackendOptions? Backend { get; init; }
}
