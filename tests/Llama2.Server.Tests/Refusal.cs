using System.Net;
using System.Text.Json;

namespace Llama2.Server.Tests;

/// <summary>An error in an answer.</summary>
internal sealed record Refusal(HttpStatusCode Status, string? Type, string? Param, string? Code, string? Message)
{
    public static async Task<Refusal> ReadAsync(HttpResponseMessage response)
    {
        string body = await response.Content.ReadAsStringAsync();
        response.Content.Headers.ContentType!.MediaType.Should().Be("application/json", body);
        return Read(response.StatusCode, body);
    }

    public static Refusal Read(HttpStatusCode status, string body)
    {
        JsonElement error = JsonElement.Parse(body).GetProperty("error");
        error.EnumerateObject().Select(property => property.Name).Should().BeEquivalentTo(["message", "type", "param", "code"]);
        string? code = error.GetProperty("code").GetString();
        // An event of a stream that has begun has another status than the table.
        DocumentedErrors.All.Should().Contain(known => known.Code == code && (known.Status == (int)status || status == HttpStatusCode.OK), "docs/server.md lists all errors");
        return new Refusal(
            status, error.GetProperty("type").GetString(), error.GetProperty("param").GetString(), code, error.GetProperty("message").GetString());
    }
}
