using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Llama2.Server.Tests.Description;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Llama2.Server.Tests.Security;

public sealed class ApiKeyTests(KeyServer keys) : IClassFixture<KeyServer>
{
    private const string Chat = """{"messages": [{"role": "user", "content": "What sound does a cow make?"}], "temperature": 0}""";

    [Theory]
    [InlineData("Authorization", "Bearer {0}")]
    [InlineData("Authorization", "bearer  {0} ")]
    [InlineData("x-api-key", "{0}")]
    [InlineData("X-Api-Key", "{0}")]
    public async Task Post_KeyInEitherHeader_IsAnswered(string header, string form)
    {
        using HttpResponseMessage response = await SendAsync(HttpMethod.Post, "/v1/chat/completions", Chat, (header, string.Format(null, form, keys.Alice.Text)));

        response.StatusCode.Should().Be(HttpStatusCode.OK);
    }

    [Fact]
    public async Task Post_MissingMalformedAndWrongKeys_HaveTheSameAnswer()
    {
        (string, string)?[] headers =
        [
            null, ("Authorization", "Bearer"), ("Authorization", "Bearer "), ("Authorization", "Basic YTpi"), ("Authorization", keys.Alice.Text), ("Authorization", $"Bearer {keys.Alice.Text}x"),
            ("Authorization", $"Bearer {keys.Alice.Text[..^1]}"), ("Authorization", $"Bearer {keys.Alice.Entry}"), ("x-api-key", "alice"), ("x-api-key", ""), ("x-api-key", new string('k', 10_000)),
        ];
        HashSet<string> answers = [];
        foreach ((string, string)? header in headers)
        {
            using HttpResponseMessage response = await SendAsync(HttpMethod.Post, "/v1/chat/completions", Chat, header);
            Refusal refusal = await Refusal.ReadAsync(response);
            refusal.Should().BeEquivalentTo(new { Status = HttpStatusCode.Unauthorized, Type = "invalid_request_error", Param = (string?)null, Code = "invalid_api_key" });
            response.Headers.WwwAuthenticate.ToString().Should().Be("Bearer");
            answers.Add($"{await response.Content.ReadAsStringAsync()} {string.Join('\n', response.Headers.Where(item => item.Key != "Date").Select(item => $"{item.Key}: {string.Join(',', item.Value)}"))}");
        }

        answers.Should().ContainSingle();
    }

    [Theory]
    [InlineData("GET", "/v1/models")]
    [InlineData("GET", "/v1/models/x")]
    [InlineData("GET", "/v1/nothing")]
    [InlineData("GET", "/metrics")]
    [InlineData("POST", "/v1/responses")]
    [InlineData("POST", "/v1/completions")]
    [InlineData("POST", "/v1/embeddings")]
    [InlineData("POST", "/tokenize")]
    [InlineData("POST", "/detokenize")]
    public async Task Send_WithoutKey_IsRefused(string method, string path)
    {
        using HttpResponseMessage response = await SendAsync(new HttpMethod(method), path, method == "POST" ? "{}" : null, null);

        response.StatusCode.Should().Be(HttpStatusCode.Unauthorized);
    }

    [Theory]
    [InlineData("POST", "/v1/messages")]
    [InlineData("POST", "/v1/messages/count_tokens")]
    [InlineData("GET", "/v1/messages/batches")]
    public async Task Send_AnthropicsAddressWithoutKey_IsRefusedInAnthropicsForm(string method, string path)
    {
        using HttpResponseMessage response = await SendAsync(new HttpMethod(method), path, method == "POST" ? "{}" : null, null);

        response.StatusCode.Should().Be(HttpStatusCode.Unauthorized);
        JsonElement body = JsonElement.Parse(await response.Content.ReadAsStringAsync());
        body.GetProperty("type").GetString().Should().Be("error");
        body.GetProperty("error").GetProperty("type").GetString().Should().Be("authentication_error");
        body.GetProperty("request_id").GetString().Should().Be(response.Headers.GetValues("request-id").Single());
    }

    [Fact]
    public async Task Post_MessagesWithKey_IsAnswered()
    {
        const string Body = """{"model": "storyteller-1m-Q8_0", "max_tokens": 3, "messages": [{"role": "user", "content": "What sound does a cow make?"}]}""";

        using HttpResponseMessage response = await SendAsync(HttpMethod.Post, "/v1/messages", Body, ("x-api-key", keys.Alice.Text));

        response.StatusCode.Should().Be(HttpStatusCode.OK);
    }

    [Theory]
    [InlineData("/health")]
    [InlineData("/v1/health")]
    [InlineData("/health/live")]
    [InlineData("/health/ready")]
    [InlineData("/")]
    public async Task Get_HealthOrPageWithoutKey_IsAnswered(string path)
    {
        using HttpResponseMessage response = await SendAsync(HttpMethod.Get, path, null, null);

        response.StatusCode.Should().Be(HttpStatusCode.OK);
    }

    [Theory]
    [InlineData("DELETE", "/health", HttpStatusCode.MethodNotAllowed)]
    [InlineData("OPTIONS", "/", HttpStatusCode.NoContent)]
    [InlineData("DELETE", "/v1/models", HttpStatusCode.Unauthorized)]
    [InlineData("OPTIONS", "/metrics", HttpStatusCode.Unauthorized)]
    public async Task Send_OtherMethodWithoutKey_IsAnsweredWhereNoKeyIsNeeded(string method, string path, HttpStatusCode status)
    {
        using HttpResponseMessage response = await SendAsync(new HttpMethod(method), path, null, null);

        response.StatusCode.Should().Be(status);
    }

    [Fact]
    public async Task Send_WithoutKey_IsAnsweredWhereTheDescriptionSaysSo()
    {
        int count = 0;
        foreach ((string path, JsonNode? operations) in DescribedSchemas.Document["paths"]!.AsObject())
        {
            foreach ((string method, JsonNode? operation) in operations!.AsObject())
            {
                using HttpResponseMessage response = await SendAsync(HttpMethod.Parse(method), path.Replace("{id}", "x", StringComparison.Ordinal), method == "post" ? "{}" : null, null);
                (response.StatusCode == HttpStatusCode.Unauthorized).Should().Be(operation!["security"] is null, $"{method} {path}");
                count++;
            }
        }

        count.Should().BeGreaterThan(15);
    }

    [Fact]
    public async Task Get_MetricsThatNeedNoKey_AreAnsweredAndNothingElseIs()
    {
        await using LocalServer server = await LocalServer.StartAsync(
            services => KeyServer.Register(services, keys.Alice), new LlamaServerOptions { RequireApiKeyForMetrics = false });

        (await server.Client.GetStringAsync(new Uri("/metrics", UriKind.Relative))).Should().Contain("llama2_build_info");
        using HttpResponseMessage models = await server.Client.GetAsync(new Uri("/v1/models", UriKind.Relative));
        models.StatusCode.Should().Be(HttpStatusCode.Unauthorized);
    }

    [Fact]
    public async Task Post_OtherKey_ReusesNothing()
    {
        string body = $$"""{"prompt": "A cow and a bear {{Guid.NewGuid()}}", "max_tokens": 2}""";

        (await CachedCountAsync(keys.Alice, body)).Should().BeLessThan(5);
        (await CachedCountAsync(keys.Alice, body)).Should().BeGreaterThan(20);
        (await CachedCountAsync(keys.Bob, body)).Should().BeLessThan(5);
    }

    [Fact]
    public async Task Post_KeysAreNotRequired_IsAnswered()
    {
        await using LocalServer server = await LocalServer.StartAsync(
            services => KeyServer.Register(services, keys.Alice), new LlamaServerOptions { RequireApiKey = false });

        await server.AskAsync("/v1/chat/completions", Chat);
    }

    [Fact]
    public async Task AddLlamaApiKeys_EndpointOfTheApplication_MayRequireAKeyToo()
    {
        await using LocalServer server = await LocalServer.StartAsync(
            services =>
            {
                KeyServer.Register(services, keys.Alice);
                services.AddAuthorization();
            },
            map: application => application.MapGet("/me", context => context.Response.WriteAsync(context.User.Identity!.Name!)).RequireAuthorization());

        (await server.Client.GetAsync(new Uri("/me", UriKind.Relative))).StatusCode.Should().Be(HttpStatusCode.Unauthorized);
        server.Client.DefaultRequestHeaders.Authorization = new("Bearer", keys.Alice.Text);
        (await server.Client.GetStringAsync(new Uri("/me", UriKind.Relative))).Should().Be("alice");
    }

    [Fact]
    public async Task MapLlama_NoKeys_Throws() =>
        await FluentActions.Awaiting(() => LocalServer.StartAsync(services => KeyServer.Register(services))).Should().ThrowAsync<LlamaApiKeyException>();

    private async Task<int> CachedCountAsync(LlamaApiKey key, string body)
    {
        using HttpResponseMessage response = await SendAsync(HttpMethod.Post, "/v1/completions", body, ("Authorization", $"Bearer {key.Text}"));
        return JsonElement.Parse(await response.Content.ReadAsStringAsync()).GetProperty("usage").GetProperty("prompt_tokens_details").GetProperty("cached_tokens").GetInt32();
    }

    private async Task<HttpResponseMessage> SendAsync(HttpMethod method, string path, string? body, (string Name, string Value)? header)
    {
        using var request = new HttpRequestMessage(method, path) { Content = body is null ? null : new StringContent(body, Encoding.UTF8, "application/json") };
        if (header is { } sent)
            request.Headers.TryAddWithoutValidation(sent.Name, sent.Value);
        return await keys.Server.Client.SendAsync(request);
    }
}
