using Llama2.Server.Requests;
using Microsoft.Extensions.AI;

namespace Llama2.Server.Anthropic;

/// <summary>Reads a request of <c>POST /v1/messages</c> or <c>/v1/messages/count_tokens</c> as a request for a chat.</summary>
internal static class MessageFields
{
    private const string LimitField = "max_tokens";

    /// <summary>Reads a request for a message.</summary>
    /// <param name="body">The request's JSON.</param>
    /// <param name="server">The values of fields that the request does not state.</param>
    public static ChatRequest Read(RequestObject body, LlamaServerOptions server)
    {
        ChatRequest prompt = ReadPrompt(body);
        GenerationOptions defaults = server.Generation;
        GenerationOptions generation = defaults with
        {
            MaxTokens = body.Require(LimitField).Integer(1, int.MaxValue),
            Temperature = body.Take("temperature")?.Number(0, 1) ?? defaults.Temperature,
            TopP = body.Take("top_p")?.Number(0, 1) ?? defaults.TopP,
            TopK = body.Take("top_k")?.Integer(0, int.MaxValue) ?? defaults.TopK,
            StopSequences = body.Take("stop_sequences") is { } stop ? ReadStop(stop) : defaults.StopSequences,
            LogProbabilities = false,
            TopLogProbabilityCount = 0,
        };
        bool isStreamed = body.Take("stream")?.Flag() ?? false;
        if (body.Take("metadata") is { } metadata)
        {
            RequestObject user = metadata.Object();
            user.TakeTexts("user_id");
            user.End();
        }

        body.TakeOnly("service_tier", "auto", "standard_only");
        End(body);
        return prompt with { Generation = generation, Stream = new StreamFields(isStreamed, false), LimitField = LimitField };
    }

    /// <summary>Reads a request for the number of tokens of a prompt.</summary>
    public static ChatRequest ReadCount(RequestObject body)
    {
        ChatRequest prompt = ReadPrompt(body);
        End(body);
        return prompt;
    }

    private static ChatRequest ReadPrompt(RequestObject body)
    {
        string? model = body.Take("model")?.Text();
        List<ChatMessage> messages = [.. SystemField.Read(body), .. MessageReader.Read(body.Require(ChatRequest.MessagesField))];
        var options = new ChatOptions();
        ToolChoiceField.Read(body, options);
        OutputConfigField.Read(body, options);
        CacheControlField.Take(body);
        if (body.Take("thinking") is { } thinking)
        {
            RequestObject fields = thinking.Object();
            fields.Require("type").Text("disabled");
            fields.End();
        }

        body.TakeOnly("speed", "standard");
        return new ChatRequest(model, [.. messages], options, new GenerationOptions(), 1, default, null) { FormatField = OutputConfigField.SchemaPath };
    }

    private static string[] ReadStop(RequestValue stop) =>
        [.. stop.List(0, GenerationOptions.MaxStopSequenceCount).Select(text => text.Text(1, GenerationOptions.MaxStopSequenceLength))];

    private static void End(RequestObject body)
    {
        body.Refuse("container", "context_management", "diagnostics", "inference_geo", "mcp_servers", "output_format", "user_profile_id", "workspace_id");
        body.End();
    }
}
