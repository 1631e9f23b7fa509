using System.Net;
using System.Text.Json;

namespace Llama2.Server.Tests.Endpoints;

public sealed class HttpMethodsTests(Storyteller storyteller) : IClassFixture<Storyteller>
{
    [Theory]
    [InlineData("GET", "/v1/chat/completions", "POST, OPTIONS")]
    [InlineData("HEAD", "/v1/chat/completions", "POST, OPTIONS")]
    [InlineData("PUT", "/v1/completions", "POST, OPTIONS")]
    [InlineData("DELETE", "/v1/embeddings", "POST, OPTIONS")]
    [InlineData("GET", "/v1/responses", "POST, OPTIONS")]
    [InlineData("PUT", "/v1/responses/resp_1", "GET, HEAD, DELETE, OPTIONS")]
    [InlineData("DELETE", "/v1/responses/resp_1/input_items", "GET, HEAD, OPTIONS")]
    [InlineData("GET", "/infill", "POST, OPTIONS")]
    [InlineData("POST", "/props", "GET, HEAD, OPTIONS")]
    [InlineData("GET", "/tokenize", "POST, OPTIONS")]
    [InlineData("PATCH", "/detokenize", "POST, OPTIONS")]
    [InlineData("POST", "/v1/models", "GET, HEAD, OPTIONS")]
    [InlineData("DELETE", "/v1/models/storyteller-1m-Q8_0", "GET, HEAD, OPTIONS")]
    [InlineData("POST", "/health", "GET, HEAD, OPTIONS")]
    [InlineData("NONSENSE", "/v1/health", "GET, HEAD, OPTIONS")]
    public async Task Send_OtherMethod_IsNotAllowedAndNamesThoseThatAre(string method, string path, string allowed)
    {
        using HttpResponseMessage response = await SendAsync(method, path);

        response.StatusCode.Should().Be(HttpStatusCode.MethodNotAllowed);
        string.Join(", ", response.Content.Headers.Allow).Should().Be(allowed);
        if (method != "HEAD")
            (await Refusal.ReadAsync(response)).Should().BeEquivalentTo(new { Type = "invalid_request_error", Param = (string?)null, Code = "method_not_allowed" });
    }

    [Theory]
    [InlineData("/v1/chat/completions", "POST, OPTIONS")]
    [InlineData("/v1/models", "GET, HEAD, OPTIONS")]
    [InlineData("/health", "GET, HEAD, OPTIONS")]
    public async Task Options_Address_NamesTheMethods(string path, string allowed)
    {
        using HttpResponseMessage response = await SendAsync("OPTIONS", path);

        response.StatusCode.Should().Be(HttpStatusCode.NoContent);
        string.Join(", ", response.Content.Headers.Allow).Should().Be(allowed);
        response.Headers.Should().NotContain(header => header.Key.StartsWith("Access-Control", StringComparison.OrdinalIgnoreCase), "a browser may not let other sites use the server");
    }

    [Theory]
    [InlineData("/v1/models")]
    [InlineData("/v1/models/storyteller-1m-Q8_0")]
    [InlineData("/health")]
    public async Task Head_AddressThatCanBeRead_HasTheHeadersOfGetWithoutItsBody(string path)
    {
        using HttpResponseMessage get = await SendAsync("GET", path), head = await SendAsync("HEAD", path);

        head.StatusCode.Should().Be(get.StatusCode).And.Be(HttpStatusCode.OK);
        head.Content.Headers.ContentType.Should().Be(get.Content.Headers.ContentType);
        (await head.Content.ReadAsByteArrayAsync()).Should().BeEmpty();
    }

    [Theory]
    [InlineData("POST", "/v1/images/generations")]
    [InlineData("GET", "/v1")]
    [InlineData("GET", "/v1/")]
    [InlineData("OPTIONS", "/v1/nothing")]
    [InlineData("POST", "/v1/responses/input_tokens")]
    [InlineData("POST", "/v1/responses/compact")]
    public async Task Send_AddressThatDoesNotExist_IsUnknown(string method, string path)
    {
        using HttpResponseMessage response = await SendAsync(method, path);

        (await Refusal.ReadAsync(response)).Should().BeEquivalentTo(new { Status = HttpStatusCode.NotFound, Code = "unknown_url" });
    }

    [Theory]
    [InlineData("POST", "/chat/completions", "OpenAI's clients must end with /v1")]
    [InlineData("POST", "/completions", "OpenAI's clients must end with /v1")]
    [InlineData("POST", "/embeddings", "OpenAI's clients must end with /v1")]
    [InlineData("POST", "/responses", "OpenAI's clients must end with /v1")]
    [InlineData("POST", "/v1/v1/chat/completions", "/v1 twice")]
    [InlineData("GET", "/v1/images/generations", "GET /openapi.json")]
    public async Task Send_AddressThatDoesNotExist_NamesItAndTheRemedy(string method, string path, string advice)
    {
        using HttpResponseMessage response = await SendAsync(method, path);

        Refusal refusal = await Refusal.ReadAsync(response);
        refusal.Should().BeEquivalentTo(new { Status = HttpStatusCode.NotFound, Code = "unknown_url" });
        refusal.Message.Should().Contain($"{method} {path}.").And.Contain(advice);
    }

    [Theory]
    [InlineData("/v1/v1/messages")]
    [InlineData("/v1/v1/messages/count_tokens")]
    public async Task Post_MessagesWithVersionTwice_IsAnErrorOfAnthropicWithTheRemedy(string path)
    {
        using HttpResponseMessage response = await SendAsync("POST", path);

        response.StatusCode.Should().Be(HttpStatusCode.NotFound);
        JsonElement body = JsonElement.Parse(await response.Content.ReadAsStringAsync());
        body.GetProperty("type").GetString().Should().Be("error");
        body.GetProperty("error").GetProperty("message").GetString().Should().Contain($"POST {path}.").And.Contain("Anthropic's clients must not end with /v1");
    }

    [Theory]
    [InlineData("GET", "/v1/messages")]
    [InlineData("DELETE", "/v1/messages/count_tokens")]
    public async Task Send_MessagesWithOtherMethod_IsNotAllowedInAnthropicsForm(string method, string path)
    {
        using HttpResponseMessage response = await SendAsync(method, path);

        response.StatusCode.Should().Be(HttpStatusCode.MethodNotAllowed);
        string.Join(", ", response.Content.Headers.Allow).Should().Be("POST, OPTIONS");
        JsonElement.Parse(await response.Content.ReadAsStringAsync()).GetProperty("error").GetProperty("type").GetString().Should().Be("invalid_request_error");
    }

    [Theory]
    [InlineData("DELETE", "/v1/models")]
    [InlineData("POST", "/v1/models/any")]
    public async Task Send_OtherMethodByAnthropicsClient_IsRefusedInItsForm(string method, string path)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path) { Headers = { { "anthropic-version", "2023-06-01" } } };
        using HttpResponseMessage response = await storyteller.Server.Client.SendAsync(request);

        response.StatusCode.Should().Be(HttpStatusCode.MethodNotAllowed);
        JsonElement body = JsonElement.Parse(await response.Content.ReadAsStringAsync());
        body.GetProperty("type").GetString().Should().Be("error");
        body.GetProperty("error").GetProperty("type").GetString().Should().Be("invalid_request_error");
        body.GetProperty("request_id").GetString().Should().Be(response.Headers.GetValues("request-id").Single());
    }

    [Fact]
    public async Task Send_LongAddress_IsShortened()
    {
        using HttpResponseMessage response = await SendAsync("GET", $"/v1/{new string('a', 5000)}");

        (await Refusal.ReadAsync(response)).Message!.Length.Should().BeLessThan(250);
    }

    [Theory]
    [InlineData("/v1/models/")]
    [InlineData("/V1/Models")]
    [InlineData("/health/")]
    public async Task Get_SlashAtTheEndOrUpperCase_IsTheSameAddress(string path)
    {
        using HttpResponseMessage response = await SendAsync("GET", path);

        response.StatusCode.Should().Be(HttpStatusCode.OK);
    }

    private async Task<HttpResponseMessage> SendAsync(string method, string path)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        return await storyteller.Server.Client.SendAsync(request);
    }
}
