namespace Llama2.Evaluation;

/// <summary>Asks for a generated text.</summary>
/// <param name="Prompt">The prompt.</param>
public sealed record GenerationRequest(EvaluationPrompt Prompt) : EvaluationRequest
{
    /// <summary>
    /// The texts that end the answer; they are not part of it. Default none. A model also ends its answer with its end-of-sequence token.
    /// </summary>
    public IReadOnlyList<string> StopSequences { get; init; } = [];

    /// <summary>The maximum number of tokens of the answer, 1 or more; default 256, as in lm-evaluation-harness.</summary>
    public int MaxTokens { get; init; } = 256;

    /// <summary>The temperature, 0 or more; default 0, which always chooses the likeliest token.</summary>
    public float Temperature { get; init; }

    /// <summary>Top-p: tokens are chosen from the likeliest ones whose probabilities add up to this value, above 0 to 1; default 1.</summary>
    public float TopP { get; init; } = 1;

    /// <summary>Top-k: the number of likeliest tokens from which one is chosen; 0 (the default) for all.</summary>
    public int TopK { get; init; }

    /// <summary>Which of several answers to the same prompt this is, 0 for the first. With a temperature, each has a seed of its own.</summary>
    public int Repeat { get; init; }

    /// <inheritdoc/>
    public bool Equals(GenerationRequest? other)
        => other is not null && Prompt == other.Prompt && StopSequences.SequenceEqual(other.StopSequences) && MaxTokens == other.MaxTokens
            && Temperature.Equals(other.Temperature) && TopP.Equals(other.TopP) && TopK == other.TopK && Repeat == other.Repeat;

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Prompt, StopSequences.Count, MaxTokens, Temperature, TopP, TopK, Repeat);
}
