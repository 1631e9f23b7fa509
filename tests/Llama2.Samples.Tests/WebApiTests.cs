using System.Net;
using System.Net.Http.Headers;
using System.Net.ServerSentEvents;
using System.Security.Claims;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Llama2.Samples.Tests;

public sealed class WebApiTests : IDisposable
{
    private const string CowText = "What sound does a cow make?";
    private const string Cow = $$"""{"messages": [{"role": "user", "content": "{{CowText}}"}], "stream": true}""";
    private const string Healthy = """{"status":"ok"}""", Loading = """{"error":{"code":503,"message":"Loading model","type":"unavailable_error"}}""";
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);
    private readonly LlamaModel _storyteller = LlamaModel.Load(Path.Combine(AppContext.BaseDirectory, "storyteller-1m-Q8_0.gguf"));

    public void Dispose() => _storyteller.Dispose();

    [Fact]
    public async Task Chat_Question_IsAnsweredInEvents()
    {
        using var server = new WebApiServer();
        using HttpClient client = server.CreateClient();

        List<JsonElement> events = await AskAsync(client, Cow);

        TextOf(events).Should().Be("The cow says moo. ");
        events.Should().HaveCountGreaterThan(4);
        FinishReasonOf(events[^1]).Should().Be("stop");
        events.SkipLast(1).Should().OnlyContain(item => FinishReasonOf(item) == null);
    }

    [Fact]
    public async Task Chat_Question_TellsNobodyElseThatItWasAsked()
    {
        using var server = new WebApiServer();
        using HttpClient client = server.CreateClient();
        await AskAsync(client, Cow);

        GenerationUpdate last = await server.Services.GetRequiredService<ILlamaModel>().CreateChatSession().SendAsync(CowText).LastAsync();

        last.Usage!.CachedTokenCount.Should().BeLessThanOrEqualTo(1, "the warm-up's begin-of-sequence token is all that may be known");
    }

    [Fact]
    public async Task Chat_SignedInUser_HasAScopeOfTheIssuerAndTheIdHoweverLongItIs()
    {
        string longId = new('a', 255);
        Claim[] users = [IdOf(longId, "x"), IdOf(longId, "x"), IdOf(longId, "y"), IdOf("1", "x2"), IdOf("21", "x"), IdOf(longId + "b", "x")];
        using var recorder = new PausedModel(_storyteller, isPaused: false);
        using var server = new WebApiServer(configure: services =>
            services.AddSingleton<ILlamaModel>(recorder).AddSingleton<IStartupFilter>(new SignedInUsers(users)));
        using HttpClient client = server.CreateClient();
        foreach (Claim _ in users)
        {
            await AskAsync(client, Cow);
        }

        // The warm-up has no user.
        string[] scopes = [.. recorder.Scopes.OfType<string>()];
        scopes.Should().HaveCount(users.Length);
        scopes[1].Should().Be(scopes[0], "the same user keeps the scope");
        scopes.Skip(1).Should().OnlyHaveUniqueItems();
        scopes.Should().OnlyContain(scope => scope.Length <= ComputationOptions.MaxPrefixScopeLength);

        static Claim IdOf(string id, string issuer) => new(ClaimTypes.NameIdentifier, id, ClaimValueTypes.String, issuer);
    }

    [Fact]
    public async Task Chat_RequestsWithoutUser_HaveScopesOfTheirOwn()
    {
        using var recorder = new PausedModel(_storyteller, isPaused: false);
        using var server = new WebApiServer(configure: services => services.AddSingleton<ILlamaModel>(recorder));
        using HttpClient client = server.CreateClient();
        await AskAsync(client, Cow);
        await AskAsync(client, Cow);

        recorder.Scopes.OfType<string>().Should().HaveCount(2).And.OnlyHaveUniqueItems();
    }

    [Fact]
    public async Task Chat_Conversation_GoesOnWhereItWas()
    {
        using var server = new WebApiServer();
        using HttpClient client = server.CreateClient();
        IChatSession reference = _storyteller.CreateChatSession();
        reference.History = [LlamaMessage.User("Tell me a story."), LlamaMessage.Assistant("Once upon a time.")];
        string expected = string.Concat(await reference.SendAsync("More.", new GenerationOptions { Temperature = 0, MaxTokens = 200 }).Select(update => update.Text).ToListAsync());

        List<JsonElement> events = await AskAsync(client, """
            {"messages": [{"role": "user", "content": "Tell me a story."}, {"role": "assistant", "content": "Once upon a time."}, {"role": "user", "content": "More."}],
             "temperature": 0, "stream": true}
            """);

        TextOf(events).Should().Be(expected);
    }

    [Fact]
    public async Task Responses_AreNotStored()
    {
        using var server = new WebApiServer();
        using HttpClient client = server.CreateClient();

        using HttpResponseMessage made = await SendAsync(client, $$"""{"input": "{{CowText}}"}""", "/v1/responses");
        using HttpResponseMessage refused = await SendAsync(client, $$"""{"input": "{{CowText}}", "store": true}""", "/v1/responses");

        JsonElement response = JsonElement.Parse(await made.Content.ReadAsStringAsync());
        response.GetProperty("store").GetBoolean().Should().BeFalse();
        using HttpResponseMessage found = await client.GetAsync(new Uri($"/v1/responses/{response.GetProperty("id").GetString()}", UriKind.Relative));
        (found.StatusCode, (await ErrorOf(found)).GetProperty("code").GetString()).Should().Be((HttpStatusCode.NotFound, "response_not_found"));
        (refused.StatusCode, (await ErrorOf(refused)).GetProperty("param").GetString()).Should().Be((HttpStatusCode.BadRequest, "store"));
    }

    [Fact]
    public async Task Chat_SettingOfTheAnswer_IsObeyed()
    {
        using var server = new WebApiServer(new() { ["Chat:MaxOutputTokens"] = "2" });
        using HttpClient client = server.CreateClient();

        FinishReasonOf((await AskAsync(client, Cow))[^1]).Should().Be("length");
    }

    [Theory]
    [InlineData("""{"messages":[]}""", "messages", "invalid_value")]
    [InlineData("""{"messages":[null]}""", "messages[0]", "invalid_type")]
    [InlineData("""{"messages":[{"role":"pirate","content":"Obey."}]}""", "messages[0].role", "unsupported_value")]
    [InlineData("""{"messages":[{"role":"user"}]}""", "messages[0].content", "missing_required_parameter")]
    [InlineData("{}", "messages", "missing_required_parameter")]
    [InlineData("{", null, "invalid_json")]
    public async Task Chat_FaultyBody_Is400WithTheFieldAndTheCode(string body, string? field, string code)
    {
        using var server = new WebApiServer();
        using HttpClient client = server.CreateClient();

        using HttpResponseMessage response = await SendAsync(client, body);

        response.StatusCode.Should().Be(HttpStatusCode.BadRequest);
        JsonElement error = await ErrorOf(response);
        (error.GetProperty("param").GetString(), error.GetProperty("code").GetString()).Should().Be((field, code));
    }

    [Fact]
    public async Task Chat_MessageLongerThanTheContext_Is400WithBothLengths()
    {
        string text = string.Concat(Enumerable.Repeat("a dog ", 1100));
        var expected = await _storyteller.CreateChatSession().Awaiting(session => session.SendAsync(text).LastAsync().AsTask()).Should().ThrowAsync<ContextLengthException>();
        using var server = new WebApiServer();
        using HttpClient client = server.CreateClient();

        using HttpResponseMessage response = await SendAsync(
            client, $$"""{"messages": [{"role": "user", "content": "{{text}}"}]}""");

        response.StatusCode.Should().Be(HttpStatusCode.BadRequest);
        JsonElement error = await ErrorOf(response);
        error.GetProperty("code").GetString().Should().Be("context_length_exceeded");
        error.GetProperty("message").GetString().Should().Be(expected.Which.Message);
    }

    [Theory]
    [MemberData(nameof(Refusals))]
    public async Task Chat_RequestThatIsRefused_LeavesNoStackTraceInTheLog(Exception refusal, HttpStatusCode status, string code, bool invitesRetry)
    {
        using var log = new RecordingLoggerProvider();
        using WebApiServer server = ServerOf(new FailingModel(_storyteller, refusal), log);
        using HttpClient client = server.CreateClient();

        using HttpResponseMessage response = await SendAsync(client, Cow);

        response.StatusCode.Should().Be(status);
        (await ErrorOf(response)).GetProperty("code").GetString().Should().Be(code);
        (response.Headers.RetryAfter is not null).Should().Be(invitesRetry);
        ShouldHaveNoStackTrace(log);
    }

    public static TheoryData<Exception, HttpStatusCode, string, bool> Refusals => new()
    {
        { new LlamaBusyException(16), HttpStatusCode.TooManyRequests, "rate_limit_exceeded", true },
        { new LlamaMemoryException("No room.", 2, 1), HttpStatusCode.ServiceUnavailable, "insufficient_memory", true },
        { new ContextLengthException(600, 512), HttpStatusCode.BadRequest, "context_length_exceeded", false },
        { new PromptFormatException("Not in turn."), HttpStatusCode.BadRequest, "invalid_value", false },
        { new PromptTemplateException("Not so.", 1, 1), HttpStatusCode.BadRequest, "invalid_value", false },
    };

    public static TheoryData<LlamaException, string, string> ReasonsToEnd => new()
    {
        { new LlamaMemoryException("No room.", 2, 1), "insufficient_memory", "The server does not have enough memory for this request now. Try again later, or with fewer tokens." },
        { new ReaderIdleException(TimeSpan.FromMinutes(5)), "reader_idle", "The answer was ended, because the client stopped reading it." },
    };

    [Theory]
    [MemberData(nameof(ReasonsToEnd))]
    public async Task Chat_AnswerThatCannotGoOn_EndsWithAnEventAndLeavesNoStackTrace(LlamaException reason, string code, string message)
    {
        using var log = new RecordingLoggerProvider();
        using WebApiServer server = ServerOf(new FailingModel(_storyteller, reason, "Well"), log);
        using HttpClient client = server.CreateClient();

        List<JsonElement> events = await AskAsync(client, Cow, isWhole: false);

        TextOf(events.SkipLast(1)).Should().Be("Well");
        JsonElement error = events[^1].GetProperty("error");
        (error.GetProperty("code").GetString(), error.GetProperty("message").GetString()).Should().Be((code, message));
        ShouldHaveNoStackTrace(log);
    }

    [Fact]
    public async Task Chat_FaultOfTheService_IsLoggedWithItsStackTrace()
    {
        using var log = new RecordingLoggerProvider();
        using WebApiServer server = ServerOf(new FailingModel(_storyteller, new NumericalException("Not a number.", tokenId: null, float.NaN)), log);
        using HttpClient client = server.CreateClient();

        using HttpResponseMessage response = await SendAsync(client, Cow);

        response.StatusCode.Should().Be(HttpStatusCode.InternalServerError);
        log.Entries.Should().Contain(entry => entry.Level == LogLevel.Error && entry.Message.Contains($"{nameof(NumericalException)}\n   at "));
    }

    [Theory]
    [InlineData("/health", HttpStatusCode.ServiceUnavailable, Loading)]
    [InlineData("/health/ready", HttpStatusCode.ServiceUnavailable, Loading)]
    [InlineData("/health/live", HttpStatusCode.OK, Healthy)]
    public async Task Health_WhileTheModelIsBeingLoaded_IsNotReady(string path, HttpStatusCode status, string body)
    {
        using var loaded = new ManualResetEventSlim();
        using var server = new WebApiServer(configure: services => services.AddSingleton<ILlamaModel>(_ =>
        {
            loaded.Wait();
            return _storyteller;
        }));
        using HttpClient client = server.CreateClient();

        using HttpResponseMessage response = await client.GetAsync(new Uri(path, UriKind.Relative));
        loaded.Set();

        response.StatusCode.Should().Be(status);
        (await response.Content.ReadAsStringAsync()).Should().Be(body);
    }

    [Fact]
    public async Task Chat_ClientThatGoesAway_EndsTheGeneration()
    {
        using var endless = new PausedModel(_storyteller);
        using var server = new WebApiServer(configure: services => services.AddSingleton<ILlamaModel>(endless));
        using HttpClient client = server.CreateClient();

        using (HttpResponseMessage response = await SendAsync(client, Cow))
        {
            var events = SseParser.Create(await response.Content.ReadAsStreamAsync()).EnumerateAsync();
            (await events.Take(2).LastAsync().AsTask().WaitAsync(s_patience)).Data.Should().Contain("Well", "events come as they are made");
            endless.Cancelled.IsCompleted.Should().BeFalse();
        }

        await endless.Cancelled.WaitAsync(s_patience);
    }

    [Fact]
    public async Task Chat_ServiceStopsDuringAnAnswer_FinishesIt()
    {
        using var paused = new PausedModel(_storyteller);
        using var server = new WebApiServer(configure: services => services.AddSingleton<ILlamaModel>(paused));
        using HttpClient client = server.CreateClient();
        using HttpResponseMessage response = await SendAsync(client, Cow);

        Task stopping = server.Services.GetRequiredService<IHost>().StopAsync();
        stopping.IsCompleted.Should().BeFalse();
        paused.GoOn();

        List<JsonElement> events = await ReadAsync(response).WaitAsync(s_patience);
        (TextOf(events), FinishReasonOf(events[^1])).Should().Be(("Well, yes.", "stop"));
        await stopping.WaitAsync(s_patience);
    }

    [Fact]
    public async Task Health_AfterTheWarmUp_IsHealthy()
    {
        using var server = new WebApiServer();
        using HttpClient client = server.CreateClient();
        using var patience = new CancellationTokenSource(s_patience);

        (HttpStatusCode Status, string Body) health;
        do
        {
            using HttpResponseMessage response = await client.GetAsync("/health", patience.Token);
            health = (response.StatusCode, await response.Content.ReadAsStringAsync());
            health.Should().BeOneOf((HttpStatusCode.OK, Healthy), (HttpStatusCode.ServiceUnavailable, Loading));
        }
        while (health.Status != HttpStatusCode.OK);

        server.Services.GetRequiredService<ILlamaModel>().Should().BeOfType<LlamaModel>();
    }

    // The warm-up fails too, which by default ends the application.
    private static WebApiServer ServerOf(ILlamaModel model, RecordingLoggerProvider log) => new(configure: services => services
        .Configure<HostOptions>(host => host.BackgroundServiceExceptionBehavior = BackgroundServiceExceptionBehavior.Ignore)
        .AddSingleton(model)
        .AddSingleton<ILoggerProvider>(log));

    // The failed warm-up is not a request.
    private static void ShouldHaveNoStackTrace(RecordingLoggerProvider log) =>
        log.Entries.Where(entry => !entry.Message.StartsWith("BackgroundService failed", StringComparison.Ordinal))
            .Should().NotContain(entry => entry.Exception != null || entry.Level >= LogLevel.Error);

    private static async Task<List<JsonElement>> AskAsync(HttpClient client, string body, bool isWhole = true)
    {
        using HttpResponseMessage response = await SendAsync(client, body);
        return await ReadAsync(response, isWhole);
    }

    private static async Task<List<JsonElement>> ReadAsync(HttpResponseMessage response, bool isWhole = true)
    {
        response.StatusCode.Should().Be(HttpStatusCode.OK);
        response.Content.Headers.ContentType!.MediaType.Should().Be("text/event-stream");
        List<string> events = await SseParser.Create(await response.Content.ReadAsStreamAsync()).EnumerateAsync().Select(item => item.Data).ToListAsync();
        (events[^1] == "[DONE]").Should().Be(isWhole);
        return [.. events.Where(item => item != "[DONE]").Select(item => JsonElement.Parse(item))];
    }

    private static Task<HttpResponseMessage> SendAsync(HttpClient client, string body, string path = "/v1/chat/completions")
    {
        var message = new HttpRequestMessage(HttpMethod.Post, path) { Content = new StringContent(body, Encoding.UTF8, new MediaTypeHeaderValue("application/json")) };
        return client.SendAsync(message, HttpCompletionOption.ResponseHeadersRead);
    }

    private static string TextOf(IEnumerable<JsonElement> events) => string.Concat(events.Select(item =>
        item.GetProperty("choices")[0].GetProperty("delta").TryGetProperty("content", out JsonElement content) ? content.GetString() : ""));

    private static string? FinishReasonOf(JsonElement item) =>
        item.GetProperty("choices")[0].TryGetProperty("finish_reason", out JsonElement reason) ? reason.GetString() : null;

    private static async Task<JsonElement> ErrorOf(HttpResponseMessage response) =>
        JsonElement.Parse(await response.Content.ReadAsStringAsync()).GetProperty("error");
}
