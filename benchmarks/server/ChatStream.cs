using System.Text;
using System.Text.Json;

namespace Llama2.ServerLoad;

/// <summary>Sends chats whose answers are streamed.</summary>
internal static class ChatStream
{
    private const string Path = "/v1/chat/completions";
    private const string DataPrefix = "data: ";
    private static readonly string[] s_questions =
        ["What sound does a cow make?", "Where does the bear live?", "Tell me a story about a small fox.", "Is it cold in Oslo?", "Who are you?"];

    /// <summary>The body of a request. Its seed makes the answer the same each time.</summary>
    /// <param name="index">Chooses question and seed.</param>
    /// <param name="maxTokens">The maximum length of the answer.</param>
    public static string BodyOf(int index, int maxTokens = 48) =>
        $$"""
        {"messages": [{"role": "user", "content": "{{QuestionOf(index)}}"}], "seed": {{index}}, "temperature": 1, "max_tokens": {{maxTokens}},
         "stream": true, "stream_options": {"include_usage": true} }
        """;

    public static string QuestionOf(int index) => s_questions[index % s_questions.Length];

    public static async Task<HttpResponseMessage> SendAsync(HttpClient client, string body, CancellationToken cancellationToken = default)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, Path) { Content = new StringContent(body, Encoding.UTF8, "application/json") };
        return await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
    }

    /// <summary>Reads a whole answer.</summary>
    /// <returns>Its text and the number of generated tokens; null if the stream ended without its last event.</returns>
    public static async Task<(string Text, int TokenCount)?> ReadAsync(HttpResponseMessage response)
    {
        var text = new StringBuilder();
        int tokenCount = 0;
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync());
        while (await reader.ReadLineAsync() is { } line)
        {
            if (!line.StartsWith(DataPrefix, StringComparison.Ordinal))
                continue;
            string data = line[DataPrefix.Length..];
            if (data == "[DONE]")
                return (text.ToString(), tokenCount);
            JsonElement item = JsonElement.Parse(data);
            if (item.TryGetProperty("usage", out JsonElement usage) && usage.ValueKind == JsonValueKind.Object)
                tokenCount = usage.GetProperty("completion_tokens").GetInt32();
            if (item.GetProperty("choices").EnumerateArray().FirstOrDefault() is { ValueKind: JsonValueKind.Object } choice
                && choice.GetProperty("delta").TryGetProperty("content", out JsonElement content))
                text.Append(content.GetString());
        }

        return null;
    }
}
