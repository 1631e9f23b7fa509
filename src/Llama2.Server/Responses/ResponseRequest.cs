using System.Text.Json;
using Llama2.Server.Errors;
using Llama2.Server.Requests;
using Microsoft.Extensions.AI;

namespace Llama2.Server.Responses;

/// <summary>A request of <c>POST /v1/responses</c>.</summary>
/// <param name="Chat">The conversation, and how it is answered.</param>
/// <param name="Conversation">The items of the conversation, including the items of the response that the request continues.</param>
/// <param name="Response">The response before its first token, with the request's fields.</param>
/// <param name="IsStreamed">Whether the answer comes as server-sent events.</param>
internal sealed record ResponseRequest(ChatRequest Chat, IReadOnlyList<ResponseItem> Conversation, ModelResponse Response, bool IsStreamed)
{
    /// <summary>The field that limits the number of tokens.</summary>
    public const string LimitField = "max_output_tokens";

    /// <summary>The value of <c>include</c> that requests log-probabilities.</summary>
    public const string LogprobsInclude = "message.output_text.logprobs";

    // The limits of OpenAI's reference.
    private const int MaxMetadataCount = 16;
    private const int MaxMetadataKeyLength = 64;
    private const int MaxMetadataValueLength = 512;
    private static readonly JsonElement s_auto = JsonElement.Parse("\"auto\"");

    /// <summary>Reads a request.</summary>
    /// <param name="body">The request's JSON.</param>
    /// <param name="server">The limits, and the values of fields that the request does not state.</param>
    /// <param name="store">The responses that the request may continue.</param>
    /// <param name="scope">The prefix scope of the request.</param>
    /// <param name="created">The time, in seconds since 1970.</param>
    public static ResponseRequest Read(RequestObject body, LlamaServerOptions server, ResponseStore store, string? scope, long created)
    {
        string? model = body.Take("model")?.Text();
        StoredResponse? previous = ReadPrevious(body, store, scope);
        ResponseItem[] conversation = ResponseInput.Read(body.Require(ResponseInput.Name), [.. previous?.Conversation ?? []], store, scope);
        string? instructions = body.Take("instructions")?.Text();
        GenerationOptions generation = ReadLogprobs(body, server.Generation with
        {
            Temperature = body.Take("temperature")?.Number(0, 2) ?? server.Generation.Temperature,
            TopP = body.Take("top_p")?.Number(0, 1) ?? server.Generation.TopP,
        });
        int? limit = body.Take(LimitField)?.Integer(1, int.MaxValue);
        if (limit is not null)
            generation = generation with { MaxTokens = limit };
        var options = new ChatOptions { Instructions = instructions };
        (ResponseTextSettings text, options.ResponseFormat) = ReadText(body);
        JsonElement[] tools = [.. (body.Peek(ToolFields.ToolsField)?.Items() ?? []).Select(tool => tool.Copy())];
        JsonElement choice = body.Peek("tool_choice")?.Copy() ?? s_auto;
        ToolFields.Read(body, options, isFlat: true);
        ModelResponse response = ReadEchoed(body, store) with
        {
            CreatedAt = created,
            Instructions = instructions,
            MaxOutputTokens = limit,
            ParallelToolCalls = options.AllowMultipleToolCalls ?? true,
            PreviousResponseId = previous?.Id,
            Temperature = generation.Temperature,
            Text = text,
            ToolChoice = choice,
            Tools = tools,
            TopLogprobs = generation.TopLogProbabilityCount,
            TopP = generation.TopP,
        };
        bool isStreamed = ReadStream(body);
        TakeFieldsWithoutEffect(body);
        body.Refuse("context_management", "conversation", "moderation", "prompt");
        body.End();
        var chat = new ChatRequest(
            model, ResponseConversation.ToMessages(conversation), options, generation, 1, new StreamFields(isStreamed, IncludesUsage: true), limit is null ? null : LimitField)
        {
            FormatField = "text.format",
        };
        return new ResponseRequest(chat, conversation, response, isStreamed);
    }

    // A response with the fields that the answer only reports, and whether it is stored.
    private static ModelResponse ReadEchoed(RequestObject body, ResponseStore store) => new()
    {
        Id = ResponseIds.Response(),
        // The number of calls of tools that the server executes itself, of which it has none.
        MaxToolCalls = body.Take("max_tool_calls")?.Integer(1, int.MaxValue),
        PromptCacheKey = body.Take("prompt_cache_key")?.Text(),
        SafetyIdentifier = body.Take("safety_identifier")?.Text(),
        Store = ReadStore(body, store),
        User = body.Take("user")?.Text(),
        Metadata = ReadMetadata(body),
    };

    private static StoredResponse? ReadPrevious(RequestObject body, ResponseStore store, string? scope)
    {
        if (body.Take("previous_response_id") is not { } value)
            return null;
        string id = value.Text();
        return store.Find(scope, id)
            ?? throw value.Refuse($"is '{ErrorText.Shorten(id)}', and no response with this id is stored; send the whole conversation as 'input'.", "previous_response_not_found");
    }

    private static GenerationOptions ReadLogprobs(RequestObject body, GenerationOptions options)
    {
        bool areRequested = false;
        // There is no reasoning whose encrypted text could be included.
        foreach (RequestValue value in body.Take("include")?.List(0, 16) ?? [])
            areRequested |= value.Text(LogprobsInclude, "reasoning.encrypted_content") == LogprobsInclude;
        RequestValue? top = body.Take("top_logprobs");
        int count = top?.Integer(0, GenerationOptions.MaxTopLogProbabilityCount) ?? 0;
        return count == 0 || areRequested
            ? options with { LogProbabilities = areRequested, TopLogProbabilityCount = count }
            : throw top!.Value.Refuse($"is allowed only with 'include': [\"{LogprobsInclude}\"].");
    }

    private static (ResponseTextSettings Settings, ChatResponseFormat? Format) ReadText(RequestObject body)
    {
        if (body.Take("text") is not { } value)
            return (ResponseTextSettings.PlainText, null);
        RequestObject text = value.Object();
        RequestValue? format = text.Take("format");
        text.TakeOnly("verbosity", "medium");
        text.End();
        return (format is { } stated ? new ResponseTextSettings(stated.Copy()) : ResponseTextSettings.PlainText, format is { } given ? ResponseFormatField.Read(given, isFlat: true) : null);
    }

    private static bool ReadStore(RequestObject body, ResponseStore store)
    {
        RequestValue? value = body.Take("store");
        bool stores = value?.Flag() ?? store.IsEnabled;
        return stores && !store.IsEnabled ? throw value!.Value.Refuse("is true, but this server stores nothing; leave it out.", "unsupported_value") : stores;
    }

    private static Dictionary<string, string> ReadMetadata(RequestObject body)
    {
        Dictionary<string, string> entries = [];
        if (body.Take("metadata") is not { } value)
            return entries;
        RequestObject metadata = value.Object();
        IReadOnlyList<string> names = metadata.Names;
        if (names.Count > MaxMetadataCount)
            throw value.Refuse($"has {names.Count} entries; at most {MaxMetadataCount} are allowed.");
        foreach (string name in names)
        {
            string text = metadata.Take(name)?.Text() ?? throw value.Refuse($"has null for '{ErrorText.Shorten(name)}'; all values must be strings.", "invalid_type");
            if (name.Length > MaxMetadataKeyLength || text.Length > MaxMetadataValueLength)
                throw value.Refuse($"has an entry that is too long: a key may have {MaxMetadataKeyLength} characters, a value {MaxMetadataValueLength}.");
            entries[name] = text;
        }

        return entries;
    }

    private static bool ReadStream(RequestObject body)
    {
        bool isStreamed = body.Take("stream")?.Flag() ?? false;
        if (body.Take("stream_options") is not { } value)
            return isStreamed;
        if (!isStreamed)
            throw value.Refuse("is allowed only with 'stream': true.");
        RequestObject options = value.Object();
        StreamFields.TakeObfuscation(options);
        options.End();
        return isStreamed;
    }

    private static void TakeFieldsWithoutEffect(RequestObject body)
    {
        if (body.Take("background") is { } background && background.Flag())
            throw background.Refuse("is true, but this server answers only while the client waits; leave it out.", "unsupported_value");
        body.TakeOnly("truncation", "disabled");
        body.TakeOnly("service_tier", "auto", "default");
        body.TakeOnly("prompt_cache_retention", "in_memory", "in-memory");
        if (body.Take("reasoning") is { } value)
        {
            RequestObject reasoning = value.Object();
            reasoning.TakeOnly("effort", "none");
            reasoning.Refuse("summary", "generate_summary");
            reasoning.End();
        }
    }
}
