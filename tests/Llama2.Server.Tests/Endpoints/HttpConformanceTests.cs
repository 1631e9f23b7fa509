using System.Net;
using System.Text;
using System.Text.Json;
using Llama2.Tests;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using UnitTesting;

namespace Llama2.Server.Tests.Endpoints;

/// <summary>The endpoints keep HTTP's rules, with clients that use its less common parts and with clients that break off.</summary>
public sealed class HttpConformanceTests(Storyteller storyteller) : IClassFixture<Storyteller>
{
    private const string Chat = "/v1/chat/completions";
    private const string Question = """{"messages": [{"role": "user", "content": "What sound does a cow make?"}], "temperature": 0}""";
    private const string Health = "GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n";

    [Fact]
    public async Task Send_SeveralRequestsAtOnce_AreAnsweredInTheirOrder()
    {
        await using RawConnection connection = await RawConnection.OpenAsync(storyteller.Server);

        await connection.SendAsync(Post("/tokenize", """{"content": "a"}""") + Health + Post(Chat, Question) + Post("/detokenize", "{"));

        (await TextAsync(connection)).Should().StartWith("{\"tokens\":[");
        (await TextAsync(connection)).Should().Be("""{"status":"ok"}""");
        (await TextAsync(connection)).Should().Contain(Storyteller.Answer);
        (await TextAsync(connection)).Should().Contain("invalid_json");
    }

    [Theory]
    [InlineData("POST", Chat, "application/json", "{", 400)]
    [InlineData("POST", Chat, "text/plain", Question, 415)]
    [InlineData("POST", Chat, "application/json", """{"messages": [], "model": "gpt-4o"}""", 400)]
    [InlineData("PUT", Chat, "application/json", Question, 405)]
    [InlineData("POST", "/v1/nothing", "application/json", Question, 404)]
    [InlineData("POST", "/nothing", "application/json", Question, 404)]
    public async Task Send_AfterAnErrorOnTheSameConnection_IsAnswered(string method, string path, string type, string body, int status)
    {
        await using RawConnection connection = await RawConnection.OpenAsync(storyteller.Server);

        await connection.SendAsync(Post(path, body, type, method));
        using HttpResponseMessage refused = await connection.ReadAsync();
        await connection.SendAsync(Health);

        ((int)refused.StatusCode).Should().Be(status);
        (await TextAsync(connection)).Should().Be("""{"status":"ok"}""");
    }

    [Fact]
    public async Task Send_ExpectContinue_IsToldToContinue()
    {
        await using RawConnection connection = await RawConnection.OpenAsync(storyteller.Server);

        await connection.SendAsync($"POST {Chat} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: {Question.Length}\r\nExpect: 100-continue\r\n\r\n");
        using (HttpResponseMessage interim = await connection.ReadAsync())
            interim.StatusCode.Should().Be(HttpStatusCode.Continue);
        await connection.SendAsync(Question);

        (await TextAsync(connection)).Should().Contain(Storyteller.Answer);
    }

    [Theory]
    [InlineData("text/plain", "100", 415)]
    [InlineData("application/json", "9000000", 413)]
    public async Task Send_ExpectContinueOfABodyThatIsRefused_IsAnsweredWithoutTheBody(string type, string length, int status)
    {
        await using RawConnection connection = await RawConnection.OpenAsync(storyteller.Server);

        await connection.SendAsync($"POST {Chat} HTTP/1.1\r\nHost: localhost\r\nContent-Type: {type}\r\nContent-Length: {length}\r\nExpect: 100-continue\r\n\r\n");

        using HttpResponseMessage response = await connection.ReadAsync();
        ((int)response.StatusCode).Should().Be(status);
    }

    [Fact]
    public async Task Send_ChunkedBodyInSmallPieces_IsRead()
    {
        await using RawConnection connection = await RawConnection.OpenAsync(storyteller.Server);

        await connection.SendAsync($"POST {Chat} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n");
        foreach (string piece in Question.Chunk(7).Select(piece => new string(piece)))
            await connection.SendAsync($"{piece.Length:X};name=value\r\n{piece}\r\n");
        await connection.SendAsync("0\r\nX-Trailer: a\r\n\r\n");

        (await TextAsync(connection)).Should().Contain(Storyteller.Answer);
    }

    [Theory]
    [InlineData("application/json", 200)]
    [InlineData("Application/JSON; charset=UTF-8", 200)]
    [InlineData("application/json;charset=\"utf-8\"", 200)]
    [InlineData("application/json; charset=us-ascii", 200)]
    [InlineData("application/problem+json", 200)]
    [InlineData("application/json; charset=utf-16", 415)]
    [InlineData("application/json; charset=iso-8859-1", 415)]
    [InlineData("application/jsonp", 415)]
    [InlineData("text/json", 415)]
    [InlineData("nonsense", 415)]
    [InlineData("", 415)]
    public async Task Post_ContentType_MustBeJsonInUtf8(string type, int status)
    {
        await using RawConnection connection = await RawConnection.OpenAsync(storyteller.Server);

        await connection.SendAsync(Post("/tokenize", """{"content": "a"}""", type));

        using HttpResponseMessage response = await connection.ReadAsync();
        ((int)response.StatusCode).Should().Be(status);
    }

    [Theory]
    [InlineData("text/html")]
    [InlineData("text/event-stream")]
    [InlineData("image/png;q=1")]
    [InlineData("nonsense")]
    public async Task Post_OtherTypeAccepted_IsAnsweredWithJson(string accept)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, Chat) { Content = new StringContent(Question, Encoding.UTF8, "application/json") };
        request.Headers.TryAddWithoutValidation("Accept", accept);

        using HttpResponseMessage response = await storyteller.Server.Client.SendAsync(request);

        response.StatusCode.Should().Be(HttpStatusCode.OK);
        response.Content.Headers.ContentType!.MediaType.Should().Be("application/json");
    }

    [Fact]
    public async Task Post_Stream_HasHeadersThatKeepProxiesFromHoldingItBack()
    {
        using HttpResponseMessage response = await storyteller.Server.PostAsync(Chat, Question[..^1] + ", \"stream\": true}");

        response.Content.Headers.ContentType!.ToString().Should().Be("text/event-stream; charset=utf-8");
        response.Headers.CacheControl!.ToString().Should().Be("no-store, no-cache");
        response.Headers.GetValues("X-Accel-Buffering").Should().Equal("no");
        response.Content.Headers.ContentLength.Should().BeNull();
        response.Headers.TransferEncodingChunked.Should().BeTrue();
        (await response.Content.ReadAsStringAsync()).Should().EndWith("\n\ndata: [DONE]\n\n");
    }

    [Fact]
    public async Task Post_OverHttp2WithoutTls_IsAnsweredAndStreamed()
    {
        await using LocalServer server = await LocalServer.StartAsync(services =>
        {
            services.AddLlama(DemonstrationModel.Path);
            services.Configure<KestrelServerOptions>(options => options.ConfigureEndpointDefaults(endpoint => endpoint.Protocols = HttpProtocols.Http2));
        });
        foreach (bool streams in (bool[])[false, true])
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, Chat)
            {
                Version = HttpVersion.Version20,
                VersionPolicy = HttpVersionPolicy.RequestVersionExact,
                Content = new StringContent(Question[..^1] + (streams ? ", \"stream\": true}" : "}"), Encoding.UTF8, "application/json"),
            };

            using HttpResponseMessage response = await server.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);

            response.StatusCode.Should().Be(HttpStatusCode.OK);
            response.Version.Should().Be(HttpVersion.Version20);
            string body = await response.Content.ReadAsStringAsync();
            body.Should().Match(streams ? "data: *data: \\[DONE]\n\n".Replace("\\", "", StringComparison.Ordinal) : "*moo*");
        }
    }

    [Theory]
    [InlineData("POST")]
    [InlineData("POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nContent-Le")]
    [InlineData("POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n")]
    [InlineData("POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n{\"messages\": [")]
    [InlineData("POST /v1/embeddings HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{\"inp\r\n")]
    public async Task Send_ClientLeavesWithinARequest_HarmsNobody(string sent)
    {
        foreach (bool resets in (bool[])[false, true])
        {
            await using LocalServer server = await LocalServer.StartAsync(services => services.AddLlama(DemonstrationModel.Path));
            await using RawConnection connection = await RawConnection.OpenAsync(server);
            await connection.SendAsync(sent);

            if (resets)
                connection.Reset();
            else
                await connection.DisposeAsync();

            (await server.AskAsync(Chat, Question)).GetProperty("choices")[0].GetProperty("message").GetProperty("content").GetString().Should().Be(Storyteller.Answer);
            // When the server has stopped, it has ended all requests.
            await server.StopAsync();
            server.Log.Entries.Should().NotContain(entry => entry.Level >= LogLevel.Warning);
        }
    }

    [Theory]
    [InlineData(0, true, 1)]
    [InlineData(0, false, 3)]
    [InlineData(int.MaxValue, true, 1)]
    [InlineData(int.MaxValue, true, 3)]
    [InlineData(int.MaxValue, false, 1)]
    public async Task Send_ClientLeavesBeforeOrWithinTheAnswer_EndsTheGeneration(int tokenCount, bool streams, int choiceCount)
    {
        // Without tokens, the model waits until the generation is cancelled.
        var model = new EndlessModel(new ScriptedModel(ModelTokenizer.Load(DemonstrationModel.Path)), generates: tokenCount > 0);
        await using LocalServer server = await LocalServer.StartAsync(model);
        await using RawConnection connection = await RawConnection.OpenAsync(server);
        await connection.SendAsync(Post(Chat, $$"""{"messages": [{"role": "user", "content": "Well?"}], "n": {{choiceCount}}, "stream": {{(streams ? "true" : "false")}}}"""));
        await model.Begun.WaitAsync(TimeSpan.FromSeconds(60));

        connection.Reset();

        await model.Ended.WaitAsync(TimeSpan.FromSeconds(60));
        await server.StopAsync();
        server.Log.Entries.Should().NotContain(entry => entry.Level >= LogLevel.Error);
    }

    [Fact]
    public async Task Get_ModelWhoseNameHasAnEscapedSlash_IsFound()
    {
        await using LocalServer server = await LocalServer.StartAsync(services => services.AddLlama("owner/name", DemonstrationModel.Path));

        foreach (string path in (string[])["/v1/models/owner/name", "/v1/models/owner%2Fname", "/v1/models/owner%2fname"])
            JsonElement.Parse(await server.Client.GetStringAsync(new Uri(path, UriKind.Relative))).GetProperty("id").GetString().Should().Be("owner/name");
    }

    private static string Post(string path, string body, string type = "application/json", string method = "POST") =>
        $"{method} {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: {type}\r\nContent-Length: {Encoding.UTF8.GetByteCount(body)}\r\n\r\n{body}";

    private static async Task<string> TextAsync(RawConnection connection)
    {
        using HttpResponseMessage response = await connection.ReadAsync();
        return await response.Content.ReadAsStringAsync();
    }
}
