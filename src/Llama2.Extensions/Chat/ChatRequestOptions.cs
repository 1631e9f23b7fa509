using Microsoft.Extensions.AI;

namespace Llama2.Extensions.Chat;

/// <summary>Converts <see cref="ChatOptions"/> of Microsoft.Extensions.AI to <see cref="GenerationOptions"/>.</summary>
internal static class ChatRequestOptions
{
    /// <summary>
    /// Starts with the result of <see cref="ChatOptions.RawRepresentationFactory"/>. Known values in <see cref="ChatOptions.AdditionalProperties"/> replace the
    /// values of this result. Properties of <see cref="ChatOptions"/> that are set replace both. The caller's
    /// options are not changed.
    /// </summary>
    /// <param name="options">The caller's options; null for none.</param>
    /// <param name="client">The client that is passed to <see cref="ChatOptions.RawRepresentationFactory"/>.</param>
    /// <param name="adapters">The adapters that the options may name, and the adapters that apply if the options name none.</param>
    /// <param name="constraints">The cache of the constraints that the options describe.</param>
    /// <param name="tools">The tools that the model may call; null for none.</param>
    /// <exception cref="ArgumentException">A value is out of range, or an additional property's value is of the wrong type.</exception>
    /// <exception cref="OutputConstraintException">A schema or a grammar cannot be used.</exception>
    /// <exception cref="NotSupportedException">The options request an unsupported feature; the message names the property.</exception>
    public static GenerationOptions Read(ChatOptions? options, IChatClient client, AdapterSelection adapters, ConstraintCache constraints, RequestedTools? tools = null)
    {
        options ??= new ChatOptions();
        if (options.MaxOutputTokens is < 1)
        {
            throw new ArgumentOutOfRangeException(nameof(options), options.MaxOutputTokens, $"{nameof(ChatOptions)}.{nameof(ChatOptions.MaxOutputTokens)} must be 1 or more.");
        }

        var result = options.RawRepresentationFactory?.Invoke(client) as GenerationOptions ?? new GenerationOptions();
        if (result.Adapters.Count == 0)
            result = result with { Adapters = adapters.Default };
        result = AdditionalOptions.Apply(options.AdditionalProperties, result, adapters, constraints);
        return result with
        {
            Temperature = options.Temperature ?? result.Temperature,
            TopP = options.TopP ?? result.TopP,
            TopK = options.TopK ?? result.TopK,
            MaxTokens = options.MaxOutputTokens ?? result.MaxTokens,
            FrequencyPenalty = options.FrequencyPenalty ?? result.FrequencyPenalty,
            PresencePenalty = options.PresencePenalty ?? result.PresencePenalty,
            Seed = options.Seed is { } seed ? unchecked((ulong)seed) : result.Seed,
            StopSequences = [.. result.StopSequences.Union(options.StopSequences ?? [])],
            Constraint = tools?.ToConstraint(options.ResponseFormat, constraints) ?? ResponseFormats.ToConstraint(options.ResponseFormat, constraints) ?? result.Constraint,
        };
    }
}
