namespace Llama2;

/// <summary>The token counts of a generation, and the time of each stage.</summary>
public sealed record GenerationUsage
{
    /// <summary>The number of prompt tokens, including the begin-of-sequence token.</summary>
    public required int PromptTokenCount { get; init; }

    /// <summary>
    /// The number of prompt tokens whose keys and values were reused from an earlier prompt with the same beginning: 0 to
    /// <see cref="PromptTokenCount"/> − 1. They can come from prompts and answers of the same <see cref="ComputationOptions.PrefixScope"/>, and from
    /// public tokens of any scope.
    /// </summary>
    public int CachedTokenCount { get; init; }

    /// <summary>The number of generated tokens, including an end-of-sequence token.</summary>
    public required int GeneratedTokenCount { get; init; }

    /// <summary>
    /// The number of guessed tokens that passes computed to generate several tokens at once (<see cref="SpeculationOptions"/>); 0 if nothing was
    /// guessed. Forced text of a constraint does not count.
    /// </summary>
    public int DraftTokenCount { get; init; }

    /// <summary>The number of guessed tokens that were right, so that they are among the generated tokens: 0 to <see cref="DraftTokenCount"/>.</summary>
    public int AcceptedDraftTokenCount { get; init; }

    /// <summary>
    /// Why the model of <see cref="LlamaModelOptions.DraftModel"/> stopped guessing for this generation, such as a lack of memory for its keys and values;
    /// null (the default) if it did not fail. The text is the same.
    /// </summary>
    public string? DraftModelFault { get; init; }

    /// <summary>
    /// The time from the call until the first token was chosen. It includes the wait for other generations and the computation of the prompt.
    /// </summary>
    public TimeSpan TimeToFirstToken { get; init; }

    /// <summary>The time from the first token to the last.</summary>
    public TimeSpan DecodeTime { get; init; }

    /// <summary>The seed of the random draws: with this seed and the same options, the same text is generated again.</summary>
    public ulong Seed { get; init; }

    /// <summary>The number of prompt tokens computed per second before the first token was generated; reused tokens do not count.</summary>
    public double PromptTokensPerSecond => PerSecond(PromptTokenCount - CachedTokenCount, TimeToFirstToken);

    /// <summary>The number of tokens generated per second after the first token; 0 if only one was generated.</summary>
    public double GeneratedTokensPerSecond => PerSecond(GeneratedTokenCount - 1, DecodeTime);

    private static double PerSecond(int count, TimeSpan time) => time <= TimeSpan.Zero ? 0 : count / time.TotalSeconds;
}
