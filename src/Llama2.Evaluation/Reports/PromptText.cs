using System.Buffers;
using System.Text;
using System.Text.Json;

namespace Llama2.Evaluation.Reports;

/// <summary>Prompts as texts. A conversation is a list of messages in JSON, which is what lm-evaluation-harness stores for models that are asked over HTTP.</summary>
internal static class PromptText
{
    private static readonly Dictionary<string, LlamaRole> s_roles = Enum.GetValues<LlamaRole>().ToDictionary(NameOf);

    /// <summary>The prompt of a request.</summary>
    public static EvaluationPrompt PromptOf(EvaluationRequest request) => request switch
    {
        LogLikelihoodRequest likelihood => likelihood.Context,
        GenerationRequest generation => generation.Prompt,
        RollingLogLikelihoodRequest rolling => rolling.Text,
        _ => "",
    };

    /// <summary>The prompt of a request as one text.</summary>
    public static string Of(EvaluationRequest request)
    {
        EvaluationPrompt prompt = PromptOf(request);
        if (prompt.Messages is not { } messages)
            return prompt.Text;
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer, ReportJson.Line))
        {
            writer.WriteStartArray();
            foreach (LlamaMessage message in messages)
                WriteMessage(writer, RoleOf(message), message.Content);
            if (prompt.Text.Length > 0)
                WriteMessage(writer, "assistant", prompt.Text);
            writer.WriteEndArray();
        }

        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    /// <summary>The prompt of a text that <see cref="Of"/> wrote; a text that is not a list of messages is a plain prompt.</summary>
    public static EvaluationPrompt Parse(string text)
    {
        if (!text.StartsWith("[{\"role\"", StringComparison.Ordinal))
            return text;
        try
        {
            using JsonDocument document = JsonDocument.Parse(text, new JsonDocumentOptions { MaxDepth = 8 });
            List<LlamaMessage> messages = [];
            foreach (JsonElement item in document.RootElement.EnumerateArray())
            {
                if (!s_roles.TryGetValue(item.Text("role") ?? "", out LlamaRole role) || item.Text("content") is not { } content)
                    return text;
                messages.Add(new LlamaMessage(role, content));
            }

            bool hasPrefix = messages is [_, .., { Role: LlamaRole.Assistant }];
            return new EvaluationPrompt(hasPrefix ? messages[..^1] : messages, hasPrefix ? messages[^1].Content : "");
        }
        catch (JsonException)
        {
            return text;
        }
    }

    /// <summary>The role of a message in lower case, such as <c>user</c>.</summary>
    public static string RoleOf(LlamaMessage message) => NameOf(message.Role);

    private static string NameOf(LlamaRole role) => role.ToString().ToLowerInvariant();

    private static void WriteMessage(Utf8JsonWriter writer, string role, string content)
    {
        writer.WriteStartObject();
        writer.WriteString("role", role);
        writer.WriteString("content", content);
        writer.WriteEndObject();
    }
}
