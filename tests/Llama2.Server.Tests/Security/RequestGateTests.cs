using System.Net;
using System.Security.Claims;
using Llama2.Server.Accounting;
using Llama2.Server.Security;
using Llama2.Server.Tests.Accounting;
using Llama2.Tests;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using UnitTesting;

namespace Llama2.Server.Tests.Security;

public sealed class RequestGateTests
{
    private const string Path = "/v1/chat/completions";
    private const string Chat = """{"messages": [{"role": "user", "content": "What sound does a cow make?"}], "temperature": 0}""";
    private static readonly ModelTokenizer s_tokenizer = ModelTokenizer.Load(DemonstrationModel.Path);
    private readonly ManualTimeProvider _clock = new();
    private readonly RecordingObserver _observer = new();
    private readonly LlamaApiKey _alice = LlamaApiKey.Create("alice");
    private readonly LlamaApiKey _bob = LlamaApiKey.Create("bob");

    [Fact]
    public async Task Post_RequestsAreUsedUp_Is429UntilTheBudgetRefills()
    {
        await using LocalServer server = await StartAsync(new LlamaServerOptions { RequestsPerMinute = 2 });

        (await HeadersAsync(server, HttpStatusCode.OK)).Should().Equal("2", "1", "30s", null, null, null, null);
        (await HeadersAsync(server, HttpStatusCode.OK)).Should().Equal("2", "0", "1m0s", null, null, null, null);
        (await HeadersAsync(server, HttpStatusCode.TooManyRequests)).Should().Equal("2", "0", "1m0s", null, null, null, "30");
        Refusal refusal = await server.RefuseAsync(Path, Chat);
        refusal.Should().BeEquivalentTo(new { Status = HttpStatusCode.TooManyRequests, Type = "requests", Param = (string?)null, Code = "rate_limit_exceeded" });

        // A client can still ask for its models.
        (await server.Client.GetAsync(new Uri("/v1/models", UriKind.Relative))).StatusCode.Should().Be(HttpStatusCode.OK);
        _clock.Advance(TimeSpan.FromSeconds(30));
        await HeadersAsync(server, HttpStatusCode.OK);
    }

    [Fact]
    public async Task Post_TokensAreUsedUp_Is429UntilTheExcessIsRefilled()
    {
        await using LocalServer server = await StartAsync(new LlamaServerOptions { TokensPerMinute = 60 });

        // Prompt and answer have 26 tokens.
        (await HeadersAsync(server, HttpStatusCode.OK)).Should().Equal(null, null, null, "60", "60", "0ms", null);
        (await HeadersAsync(server, HttpStatusCode.OK)).Should().Equal(null, null, null, "60", "34", "26s", null);
        (await HeadersAsync(server, HttpStatusCode.OK)).Should().Equal(null, null, null, "60", "8", "52s", null);
        (await HeadersAsync(server, HttpStatusCode.TooManyRequests)).Should().Equal(null, null, null, "60", "0", "1m18s", "19");
        Refusal refusal = await server.RefuseAsync(Path, Chat);
        refusal.Should().BeEquivalentTo(new { Status = HttpStatusCode.TooManyRequests, Type = "tokens", Param = (string?)null, Code = "rate_limit_exceeded" });

        _clock.Advance(TimeSpan.FromSeconds(18));
        await HeadersAsync(server, HttpStatusCode.TooManyRequests);
        _clock.Advance(TimeSpan.FromSeconds(1));
        await HeadersAsync(server, HttpStatusCode.OK);
    }

    [Fact]
    public async Task Post_StreamThatItsClientLeaves_IsChargedToo()
    {
        var model = new EndlessModel(new ScriptedModel(s_tokenizer));
        await using LocalServer server = await LocalServer.StartAsync(services => Register(services.AddSingleton<ILlamaModel>(model), "script.gguf"), new LlamaServerOptions { TokensPerMinute = 5 });

        using (HttpResponseMessage response = await server.PostAsync(Path, """{"messages": [{"role": "user", "content": "Well?"}], "stream": true}"""))
        {
            await using Stream stream = await response.Content.ReadAsStreamAsync();
            (await stream.ReadAsync(new byte[16])).Should().BePositive();
        }

        await _observer.TakeAsync();
        await HeadersAsync(server, HttpStatusCode.TooManyRequests);
    }

    [Fact]
    public async Task Post_OtherKey_HasABudgetOfItsOwn()
    {
        await using LocalServer server = await StartAsync(new LlamaServerOptions { RequestsPerMinute = 1 }, _alice, _bob);

        foreach ((LlamaApiKey key, HttpStatusCode status) in new[] { (_alice, HttpStatusCode.OK), (_alice, HttpStatusCode.TooManyRequests), (_bob, HttpStatusCode.OK), (_bob, HttpStatusCode.TooManyRequests) })
        {
            server.Client.DefaultRequestHeaders.Authorization = new("Bearer", key.Text);
            await HeadersAsync(server, status);
        }
    }

    [Fact]
    public async Task Post_EveryPlaceIsTaken_Is429AndThePlaceIsFreeAfterwards()
    {
        var model = new EndlessModel(new ScriptedModel(s_tokenizer, "yes"));
        await using LocalServer server = await LocalServer.StartAsync(services => Register(services.AddSingleton<ILlamaModel>(model), "script.gguf"), new LlamaServerOptions { MaxActiveRequestCount = 1 });
        using (HttpResponseMessage running = await server.PostAsync(Path, """{"messages": [{"role": "user", "content": "Well?"}], "stream": true}"""))
        {
            running.StatusCode.Should().Be(HttpStatusCode.OK);
            using HttpResponseMessage refused = await server.PostAsync(Path, "this body is not even read");
            (await Refusal.ReadAsync(refused)).Should().BeEquivalentTo(new { Status = HttpStatusCode.TooManyRequests, Type = "requests", Param = (string?)null, Code = "rate_limit_exceeded" });
            refused.Headers.RetryAfter!.Delta.Should().Be(TimeSpan.FromSeconds(1));
            (await server.Client.GetAsync(new Uri("/health", UriKind.Relative))).StatusCode.Should().Be(HttpStatusCode.OK);
            (await _observer.TakeAsync()).Status.Should().Be(429);
            await _observer.TakeAsync();
        }

        RequestRecord ended = await _observer.TakeAsync();
        ended.IsAborted.Should().BeTrue();
        (await server.RefuseAsync(Path, "{}")).Code.Should().Be("missing_required_parameter");
    }

    [Fact]
    public void ClientOf_Addresses_AreThoseOfMachines()
    {
        string[] clients = [.. new[] { "192.0.2.1", "::ffff:192.0.2.1", "192.0.2.2", "2001:db8:1:2::3", "2001:db8:1:2:ffff::1", "2001:db8:1:3::3" }.Select(ClientOf)];

        clients[1].Should().Be(clients[0]);
        clients[4].Should().Be(clients[3]);
        clients.Distinct().Should().HaveCount(4);
    }

    [Fact]
    public void ClientOf_Users_DifferByIssuerAndId()
    {
        string[] clients = [.. new[] { ("a", "1"), ("b", "1"), ("a", "2") }.Select(user => RequestGate.ClientOf(new DefaultHttpContext
        {
            User = new ClaimsPrincipal(new ClaimsIdentity([new Claim(ClaimTypes.NameIdentifier, user.Item1, ClaimValueTypes.String, user.Item2)], "test")),
        }))];

        clients.Should().OnlyHaveUniqueItems();
    }

    private static string ClientOf(string address)
    {
        var context = new DefaultHttpContext();
        context.Connection.RemoteIpAddress = IPAddress.Parse(address);
        return RequestGate.ClientOf(context);
    }

    // The six headers of the budgets, and Retry-After.
    private async Task<string?[]> HeadersAsync(LocalServer server, HttpStatusCode expected)
    {
        using HttpResponseMessage response = await server.PostAsync(Path, Chat);
        string body = await response.Content.ReadAsStringAsync();
        response.StatusCode.Should().Be(expected, body);
        // The next request must find the tokens charged.
        await _observer.TakeAsync();
        return [.. RateHeaders.Names.Append("Retry-After").Select(name => response.Headers.TryGetValues(name, out IEnumerable<string>? values) ? values.Single() : null)];
    }

    private Task<LocalServer> StartAsync(LlamaServerOptions options, params LlamaApiKey[] keys) => LocalServer.StartAsync(
        services =>
        {
            Register(services, DemonstrationModel.Path);
            if (keys.Length > 0)
                services.AddLlamaApiKeys(new LlamaApiKeyOptions { EnvironmentVariable = null, Entries = [.. keys.Select(key => key.Entry)] });
        },
        options);

    private void Register(IServiceCollection services, string path)
    {
        services.AddSingleton<TimeProvider>(_clock);
        services.AddSingleton<IRequestObserver>(_observer);
        services.AddLlama(path);
    }
}
