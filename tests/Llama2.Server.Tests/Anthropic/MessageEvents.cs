using System.Net;
using System.Text.Json;

namespace Llama2.Server.Tests.Anthropic;

/// <summary>The events of a streamed message.</summary>
internal sealed class MessageEvents
{
    private MessageEvents(JsonElement[] all) => All = all;

    /// <summary>The data of all events.</summary>
    public JsonElement[] All { get; }

    /// <summary>The types of all events.</summary>
    public string[] Types => [.. All.Select(TypeOf)];

    /// <summary>The text of all deltas.</summary>
    public string Text => string.Concat(Deltas("text_delta").Select(delta => delta.GetProperty("text").GetString()));

    /// <summary>The first events of blocks.</summary>
    public JsonElement[] Blocks => [.. All.Where(item => TypeOf(item) == "content_block_start").Select(item => item.GetProperty("content_block"))];

    /// <summary>Asks for a streamed answer, and checks the form of its events.</summary>
    public static async Task<MessageEvents> ReadAsync(LocalServer server, string json)
    {
        using HttpResponseMessage response = await server.PostAsync(MessagesTests.Path, json);
        string body = await response.Content.ReadAsStringAsync();
        response.StatusCode.Should().Be(HttpStatusCode.OK, body);
        response.Content.Headers.ContentType!.ToString().Should().Be("text/event-stream; charset=utf-8");
        response.Headers.GetValues("request-id").Single().Should().StartWith("req_");
        return Parse(body);
    }

    public static MessageEvents Parse(string body)
    {
        body.Should().EndWith("\n\n");
        List<JsonElement> all = [];
        foreach (string item in body[..^2].Split("\n\n"))
        {
            string[] lines = item.Split('\n');
            lines.Should().HaveCount(2);
            lines[0].Should().StartWith("event: ");
            lines[1].Should().StartWith("data: ");
            JsonElement data = JsonElement.Parse(lines[1]["data: ".Length..]);
            TypeOf(data).Should().Be(lines[0]["event: ".Length..]);
            all.Add(data);
        }

        return new MessageEvents([.. all]);
    }

    /// <summary>The deltas of a type.</summary>
    public JsonElement[] Deltas(string type) =>
        [.. All.Where(item => TypeOf(item) == "content_block_delta").Select(item => item.GetProperty("delta")).Where(delta => TypeOf(delta) == type)];

    private static string TypeOf(JsonElement item) => item.GetProperty("type").GetString()!;
}
