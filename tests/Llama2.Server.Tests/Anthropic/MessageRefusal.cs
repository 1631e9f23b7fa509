using System.Net;
using System.Text.Json;

namespace Llama2.Server.Tests.Anthropic;

/// <summary>An error in Anthropic's form.</summary>
internal sealed record MessageRefusal(HttpStatusCode Status, string? Type, string? Message)
{
    public static async Task<MessageRefusal> ReadAsync(HttpResponseMessage response)
    {
        string body = await response.Content.ReadAsStringAsync();
        response.Content.Headers.ContentType!.MediaType.Should().Be("application/json", body);
        return Read(response, body);
    }

    public static MessageRefusal Read(HttpResponseMessage response, string body)
    {
        JsonElement json = JsonElement.Parse(body);
        json.EnumerateObject().Select(property => property.Name).Should().BeEquivalentTo(["type", "error", "request_id"]);
        json.GetProperty("type").GetString().Should().Be("error");
        json.GetProperty("request_id").GetString().Should().Be(response.Headers.GetValues("request-id").Single());
        JsonElement error = json.GetProperty("error");
        return new MessageRefusal(response.StatusCode, error.GetProperty("type").GetString(), error.GetProperty("message").GetString());
    }

    /// <summary>The field that the message names at its beginning: <c>'max_tokens' is …</c> or <c>max_tokens: …</c>.</summary>
    public static string FieldOf(MessageRefusal refusal) =>
        refusal.Message![0] == '\'' ? refusal.Message.Split('\'')[1] : refusal.Message.Split(": ")[0];

    public static async Task<MessageRefusal> PostAsync(LocalServer server, string path, string json)
    {
        using HttpResponseMessage response = await server.PostAsync(path, json);
        return await ReadAsync(response);
    }
}
