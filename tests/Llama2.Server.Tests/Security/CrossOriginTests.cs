using System.Net;
using Llama2.Server.Security;
using Llama2.Tests;
using Microsoft.Extensions.DependencyInjection;

namespace Llama2.Server.Tests.Security;

public sealed class CrossOriginTests
{
    private const string Origin = "https://app.example";
    private const string Chat = """{"messages": [{"role": "user", "content": "What sound does a cow make?"}], "max_tokens": 2}""";

    [Theory]
    [InlineData("/v1/chat/completions")]
    [InlineData("/tokenize")]
    [InlineData("/v1/models")]
    public async Task Options_NamedOrigin_IsPermittedWithoutAKey(string path)
    {
        await using LocalServer server = await StartAsync([Origin], LlamaApiKey.Create("alice"));

        using HttpResponseMessage response = await AskAsync(server, path, Origin);

        response.StatusCode.Should().Be(HttpStatusCode.NoContent);
        HeaderOf(response, "Access-Control-Allow-Origin").Should().Be(Origin);
        HeaderOf(response, "Access-Control-Allow-Methods").Should().Contain("POST");
        HeaderOf(response, "Access-Control-Allow-Headers").Should().Contain("authorization");
        HeaderOf(response, "Access-Control-Max-Age").Should().Be("600");
    }

    [Fact]
    public async Task Options_OtherOrigin_IsNotPermitted()
    {
        await using LocalServer server = await StartAsync([Origin]);

        using HttpResponseMessage response = await AskAsync(server, "/v1/chat/completions", "https://evil.example");

        HeaderOf(response, "Access-Control-Allow-Origin").Should().BeNull();
    }

    [Fact]
    public async Task Post_NoOriginIsNamed_HasNoHeaders()
    {
        await using LocalServer server = await StartAsync([]);
        server.Client.DefaultRequestHeaders.Add("Origin", Origin);

        using HttpResponseMessage answer = await server.PostAsync("/v1/chat/completions", Chat), question = await AskAsync(server, "/v1/chat/completions", Origin);

        answer.StatusCode.Should().Be(HttpStatusCode.OK);
        HeaderOf(answer, "Access-Control-Allow-Origin").Should().BeNull();
        HeaderOf(question, "Access-Control-Allow-Origin").Should().BeNull();
    }

    [Fact]
    public async Task Post_NamedOrigin_MayReadAnswersAndErrors()
    {
        LlamaApiKey key = LlamaApiKey.Create("alice");
        await using LocalServer server = await StartAsync([Origin], key);
        server.Client.DefaultRequestHeaders.Add("Origin", Origin);

        using HttpResponseMessage refused = await server.PostAsync("/v1/chat/completions", Chat);
        server.Client.DefaultRequestHeaders.Authorization = new("Bearer", key.Text);
        using HttpResponseMessage answered = await server.PostAsync("/v1/chat/completions", Chat), stream = await server.PostAsync("/v1/chat/completions", Chat[..^1] + ", \"stream\": true}");

        refused.StatusCode.Should().Be(HttpStatusCode.Unauthorized);
        answered.StatusCode.Should().Be(HttpStatusCode.OK);
        foreach (HttpResponseMessage response in (HttpResponseMessage[])[refused, answered, stream])
        {
            HeaderOf(response, "Access-Control-Allow-Origin").Should().Be(Origin);
            HeaderOf(response, "Access-Control-Expose-Headers").Should().Be(string.Join(",", (string[])["Retry-After", "request-id", .. RateHeaders.Names]));
        }
    }

    [Fact]
    public async Task Post_AllOrigins_MayReadAnswers()
    {
        await using LocalServer server = await StartAsync(["*"]);
        server.Client.DefaultRequestHeaders.Add("Origin", "https://anything.example");

        using HttpResponseMessage response = await server.PostAsync("/v1/chat/completions", Chat);

        HeaderOf(response, "Access-Control-Allow-Origin").Should().Be("*");
    }

    [Theory]
    [InlineData("/v1/chat/completions", Chat)]
    [InlineData("/v1/chat/completions", "{}")]
    [InlineData("/v1/nothing", "{}")]
    [InlineData("/v1/chat/completions", """{"messages": [{"role": "user", "content": "What sound does a cow make?"}], "max_tokens": 2, "stream": true}""")]
    public async Task Post_EveryAnswer_HasTheHeadersThatKeepBrowsersFromMisusingIt(string path, string body)
    {
        await using LocalServer server = await StartAsync([]);

        using HttpResponseMessage response = await server.PostAsync(path, body);

        HeaderOf(response, "X-Content-Type-Options").Should().Be("nosniff");
        HeaderOf(response, "Referrer-Policy").Should().Be("no-referrer");
        HeaderOf(response, "Cross-Origin-Resource-Policy").Should().Be("same-origin");
        response.Headers.CacheControl!.NoStore.Should().BeTrue();
    }

    private static Task<LocalServer> StartAsync(string[] origins, LlamaApiKey? key = null) => LocalServer.StartAsync(
        services =>
        {
            services.AddLlama(DemonstrationModel.Path);
            if (key is not null)
                services.AddLlamaApiKeys(new LlamaApiKeyOptions { EnvironmentVariable = null, Entries = [key.Entry] });
        },
        new LlamaServerOptions { AllowedOrigins = origins });

    private static async Task<HttpResponseMessage> AskAsync(LocalServer server, string path, string origin)
    {
        using var request = new HttpRequestMessage(HttpMethod.Options, path);
        if (!server.Client.DefaultRequestHeaders.Contains("Origin"))
            request.Headers.Add("Origin", origin);
        request.Headers.Add("Access-Control-Request-Method", "POST");
        request.Headers.Add("Access-Control-Request-Headers", "authorization,content-type");
        return await server.Client.SendAsync(request);
    }

    private static string? HeaderOf(HttpResponseMessage response, string name) => response.Headers.TryGetValues(name, out var values)
        || response.Content.Headers.TryGetValues(name, out values) ? string.Join(", ", values) : null;
}
