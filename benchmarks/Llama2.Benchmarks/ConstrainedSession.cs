namespace Llama2.Benchmarks;

/// <summary>
/// A generation of JSON that fits a schema, and the same generation without the schema. Both choose the likeliest token, which takes less time than any other
/// choice, so the constraint's part of the time is largest. The schema is compiled in <see cref="GenerateAloneAsync"/>.
/// </summary>
/// <param name="model">The model.</param>
/// <param name="prompt">The prompt of both generations.</param>
/// <param name="schema">The schema.</param>
internal sealed class ConstrainedSession(LlamaModel model, string prompt, string schema)
{
    private const int MaxTokenCount = 320;

    private static readonly GenerationOptions s_greedy = new() { Temperature = 0, ReusePrefix = false };

    private readonly GenerationOptions _constrained = s_greedy with { Constraint = OutputConstraint.JsonSchema(schema), MaxTokens = MaxTokenCount };

    private int[] _tokens = [];

    /// <summary>The number of tokens of the JSON, which is also the number of tokens that are generated without the schema.</summary>
    public int TokenCount => _tokens.Length;

    /// <summary>Generates the JSON while the model computes nothing else. The other methods compare their tokens with these.</summary>
    public async Task GenerateAloneAsync() => _tokens = await ReadAsync(_constrained, null).ConfigureAwait(false);

    /// <summary>Generates the JSON.</summary>
    /// <param name="observe">Called after each token; may be null.</param>
    /// <exception cref="InvalidOperationException">The tokens differ from those that the session generated when it ran alone.</exception>
    public async Task GenerateAsync(Action? observe)
    {
        int[] tokens = await ReadAsync(_constrained, observe).ConfigureAwait(false);
        if (!tokens.AsSpan().SequenceEqual(_tokens))
        {
            throw new InvalidOperationException(
                $"'{model.Tokenizer.Decode(tokens)}' is not the text that the session generated when it ran alone: '{model.Tokenizer.Decode(_tokens)}'.");
        }
    }

    /// <summary>
    /// Generates the same number of tokens without the schema: the limit is the number of tokens that the JSON took, and an end token does not end the text.
    /// </summary>
    /// <param name="observe">Called after each token; may be null.</param>
    /// <exception cref="InvalidOperationException">The number of tokens differs.</exception>
    public async Task GenerateFreelyAsync(Action? observe)
    {
        int[] tokens = await ReadAsync(s_greedy with { MaxTokens = TokenCount, IgnoreEndOfSequence = true }, observe).ConfigureAwait(false);
        if (tokens.Length != TokenCount)
        {
            throw new InvalidOperationException($"{tokens.Length} tokens were generated without the schema, and {TokenCount} with it.");
        }
    }

    private async Task<int[]> ReadAsync(GenerationOptions options, Action? observe)
    {
        var tokens = new List<int>(MaxTokenCount);
        await foreach (GenerationUpdate update in model.GenerateAsync(prompt, options).ConfigureAwait(false))
        {
            if (update.Token is int token)
            {
                tokens.Add(token);
                observe?.Invoke();
            }
        }

        return [.. tokens];
    }
}
