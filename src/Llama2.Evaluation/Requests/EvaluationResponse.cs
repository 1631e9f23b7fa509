namespace Llama2.Evaluation;

/// <summary>A model's response to an <see cref="EvaluationRequest"/>. Immutable and thread-safe.</summary>
public sealed record EvaluationResponse
{
    /// <summary>The natural logarithm of the probability of the requested text; 0 for a generation.</summary>
    public double LogLikelihood { get; init; }

    /// <summary>Whether greedy decoding would have generated the continuation: each of its tokens was the likeliest one.</summary>
    public bool IsGreedy { get; init; }

    /// <summary>The generated text, without the beginning of the answer that a prompt may have; null for a log-likelihood.</summary>
    public string? Text { get; init; }

    /// <summary>The number of tokens that were scored or generated.</summary>
    public int TokenCount { get; init; }

    /// <summary>
    /// Whether the beginning of the prompt was cut off, because the context is too short for all of it. As in lm-evaluation-harness, the tokens at the
    /// beginning are dropped.
    /// </summary>
    public bool IsTruncated { get; init; }
}
