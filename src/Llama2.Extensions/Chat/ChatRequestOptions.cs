using Microsoft.Extensions.AI;

namespace Llama2.Extensions.Chat;

/// <summary>Microsoft.Extensions.AI's options as those of a generation.</summary>
internal static class ChatRequestOptions
{
    /// <summary>
    /// What <see cref="ChatOptions.RawRepresentationFactory"/> gives, with <see cref="ChatOptions.AdditionalProperties"/> of our names set,
    /// then what the options' own properties say. The options are only read.
    /// </summary>
    /// <param name="options">What the caller asks for; null for nothing.</param>
    /// <param name="client">What the options' factory is told that it makes options for.</param>
    /// <param name="adapters">What adapters may be named, and which hold where the options have none.</param>
    /// <exception cref="ArgumentException">A value is out of range, or an additional property's value is of the wrong type.</exception>
    /// <exception cref="NotSupportedException">The options ask for what there is not; the message names the property.</exception>
    public static GenerationOptions Read(ChatOptions? options, IChatClient client, AdapterSelection adapters)
    {
        options ??= new ChatOptions();
        RefuseUnsupported(options);
        if (options.MaxOutputTokens is < 1)
        {
            throw new ArgumentOutOfRangeException(nameof(options), options.MaxOutputTokens, $"{nameof(ChatOptions)}.{nameof(ChatOptions.MaxOutputTokens)} must be 1 or more.");
        }

        var result = options.RawRepresentationFactory?.Invoke(client) as GenerationOptions ?? new GenerationOptions();
        if (result.Adapters.Count == 0)
            result = result with { Adapters = adapters.Default };
        result = AdditionalOptions.Apply(options.AdditionalProperties, result, adapters);
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
        };
    }

    private static void RefuseUnsupported(ChatOptions options)
    {
        if (options.ResponseFormat is not (null or ChatResponseFormatText))
        {
            throw Unsupported(nameof(ChatOptions.ResponseFormat), "answers are text; ask for JSON in a message, and leave the property null");
        }

        if (options.Tools is { Count: > 0 } && options.ToolMode is not NoneChatToolMode)
        {
            throw Unsupported(nameof(ChatOptions.Tools), $"the model calls none; leave them out, or set {nameof(ChatOptions.ToolMode)} to {nameof(ChatToolMode.None)}");
        }

        if (options.ToolMode is RequiredChatToolMode)
        {
            throw Unsupported(nameof(ChatOptions.ToolMode), "the model calls no tools, so none can be required");
        }
    }

    private static NotSupportedException Unsupported(string property, string remedy) =>
        new($"{nameof(ChatOptions)}.{property} is not supported: {remedy}.");
}
