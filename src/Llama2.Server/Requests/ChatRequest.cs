using Microsoft.Extensions.AI;

namespace Llama2.Server.Requests;

/// <summary>A request of <c>POST /v1/chat/completions</c>.</summary>
/// <param name="Model">The name of the model; null if the request names none.</param>
/// <param name="Messages">The conversation, 1 message or more.</param>
/// <param name="Options">Tools and the format of the answer.</param>
/// <param name="Generation">How tokens are chosen and where the answer ends.</param>
/// <param name="ChoiceCount">How many answers are requested.</param>
/// <param name="Stream">Whether the answer is streamed.</param>
/// <param name="LimitField">The field that limits the number of tokens; null if the request has none.</param>
internal sealed record ChatRequest(
    string? Model, ChatMessage[] Messages, ChatOptions Options, GenerationOptions Generation, int ChoiceCount, StreamFields Stream, string? LimitField)
{
    /// <summary>The field that contains the prompt.</summary>
    public const string MessagesField = "messages";

    /// <summary>The field that describes the form of the answer.</summary>
    public string FormatField { get; init; } = ResponseFormatField.Name;

    /// <summary>Reads a request.</summary>
    /// <param name="body">The request's JSON.</param>
    /// <param name="server">The limits, and the values of fields that the request does not state.</param>
    public static ChatRequest Read(RequestObject body, LlamaServerOptions server)
    {
        string? model = body.Take("model")?.Text();
        ChatMessage[] messages = ChatMessages.Read(body.Require(MessagesField));
        GenerationOptions generation = ReadLogprobs(body, SamplingFields.Read(body, server.Generation));
        RequestValue? limit = ReadLimit(body);
        if (limit is { } value)
            generation = generation with { MaxTokens = value.Integer(1, int.MaxValue) };
        var options = new ChatOptions { ResponseFormat = ResponseFormatField.Read(body) };
        ToolFields.Read(body, options);
        int choiceCount = body.Take("n")?.Integer(1, server.MaxChoiceCount) ?? 1;
        StreamFields stream = StreamFields.Read(body);
        TakeFieldsWithoutEffect(body);
        body.Refuse("audio", "function_call", "functions", "moderation", "prediction", "web_search_options");
        body.End();
        return new ChatRequest(model, messages, options, generation, choiceCount, stream, limit?.Path);
    }

    // max_tokens is the older name of the same field.
    private static RequestValue? ReadLimit(RequestObject body)
    {
        RequestValue? limit = body.Take("max_completion_tokens"), older = body.Take("max_tokens");
        return limit is not null && older is { } second
            ? throw second.Refuse("is another name of 'max_completion_tokens'; use only one of them.")
            : limit ?? older;
    }

    private static GenerationOptions ReadLogprobs(RequestObject body, GenerationOptions options)
    {
        bool areRequested = body.Take("logprobs")?.Flag() ?? false;
        if (body.Take("top_logprobs") is not { } top)
            return options with { LogProbabilities = areRequested, TopLogProbabilityCount = 0 };
        int count = top.Integer(0, GenerationOptions.MaxTopLogProbabilityCount);
        return areRequested ? options with { LogProbabilities = true, TopLogProbabilityCount = count } : throw top.Refuse("is allowed only with 'logprobs': true.");
    }

    private static void TakeFieldsWithoutEffect(RequestObject body)
    {
        // Who asks, and what for.
        body.TakeTexts("user", "safety_identifier", "prompt_cache_key");
        if (body.Take("metadata") is { } metadata)
        {
            RequestObject entries = metadata.Object();
            entries.TakeTexts([.. entries.Names]);
        }

        // The only values that describe what the server does.
        if (body.Take("store") is { } store && store.Flag())
            throw store.Refuse("is true, but this server stores nothing; leave it out.", "unsupported_value");
        body.TakeOnly("service_tier", "auto", "default");
        body.TakeOnly("prompt_cache_retention", "in_memory", "in-memory");
        if (body.Take("prompt_cache_options") is { } caching)
        {
            RequestObject options = caching.Object();
            options.TakeOnly("mode", "implicit");
            options.TakeOnly("ttl", "30m");
            options.End();
        }

        body.TakeOnly("reasoning_effort", "none");
        body.TakeOnly("verbosity", "medium");
        foreach (RequestValue modality in body.Take("modalities")?.List(1, 1) ?? [])
            modality.Text("text");
    }
}
