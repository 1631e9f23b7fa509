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
    public async Task Chat_SettingOfTheAnswer_IsObeyed()
    {
        using var server = new WebApiServer(new() { ["Chat:MaxOutputTokens"] = "2" });
        using HttpClient client = server.CreateClient();

        FinishReasonOf((await AskAsync(client, Cow))[^1]).Should().Be("length");
    }

    [Theory]
    [InlineData("""{"messages":[]}""", "messages")]
    [InlineData("""{"messages":[null]}""", "messages[0]")]
    [InlineData("""{"messages":[{"role":"pirate","content":"Obey."}]}""", "messages[0].role")]
    [InlineData("""{"messages":[{"role":"user"}]}""", "messages[0].content")]
    [InlineData("{}", "messages")]
    [InlineData("{", null)]
    public async Task Chat_FaultyBody_Is400WithTheField(string body, string? field)
    {
        using var server = new WebApiServer();
        using HttpClient client = server.CreateClient();

        using HttpResponseMessage response = await SendAsync(client, body);

        response.StatusCode.Should().Be(HttpStatusCode.BadRequest);
        (await ErrorOf(response)).GetProperty("param").GetString().Should().Be(field);
    }

    [Fact]
    public async Task Chat_MessageLongerThanTheContext_Is400WithBothLengths()
    {
        using var server = new WebApiServer();
        using HttpClient client = server.CreateClient();

        using HttpResponseMessage response = await SendAsync(
            client, $$"""{"messages": [{"role": "user", "content": "{{string.Concat(Enumerable.Repeat("a dog ", 1100))}}"}]}""");

        response.StatusCode.Should().Be(HttpStatusCode.BadRequest);
        (await ErrorOf(response)).GetProperty("message").GetString().Should().Contain("the context holds 1,024");
    }

    [Theory]
    [MemberData(nameof(Refusals))]
    public async Task Chat_RequestThatIsRefused_LeavesNoStackTraceInTheLog(Exception refusal, HttpStatusCode status, bool invitesRetry)
    {
        using var log = new RecordingLoggerProvider();
        using WebApiServer server = ServerOf(new FailingModel(_storyteller, refusal), log);
        using HttpClient client = server.CreateClient();

        using HttpResponseMessage response = await SendAsync(client, Cow);

        response.StatusCode.Should().Be(status);
        (response.Headers.RetryAfter is not null).Should().Be(invitesRetry);
        ShouldHaveNoStackTrace(log);
    }

    public static TheoryData<Exception, HttpStatusCode, bool> Refusals => new()
    {
        { new LlamaBusyException(16), HttpStatusCode.TooManyRequests, true },
        { new LlamaMemoryException("No room.", 2, 1), HttpStatusCode.ServiceUnavailable, true },
        { new ContextLengthException(600, 512), HttpStatusCode.BadRequest, false },
        { new PromptFormatException("Not in turn."), HttpStatusCode.BadRequest, false },
        { new PromptTemplateException("Not so.", 1, 1), HttpStatusCode.BadRequest, false },
    };

    public static TheoryData<LlamaException, string> ReasonsToEnd => new()
    {
        { new LlamaMemoryException("No room.", 2, 1), "insufficient_memory" },
        { new ReaderIdleException(TimeSpan.FromMinutes(5)), "reader_idle" },
    };

    [Theory]
    [MemberData(nameof(ReasonsToEnd))]
    public async Task Chat_AnswerThatCannotGoOn_EndsWithAnEventAndLeavesNoStackTrace(LlamaException reason, string code)
    {
        using var log = new RecordingLoggerProvider();
        using WebApiServer server = ServerOf(new FailingModel(_storyteller, reason, "Well"), log);
        using HttpClient client = server.CreateClient();

        List<JsonElement> events = await AskAsync(client, Cow, isWhole: false);

        TextOf(events.SkipLast(1)).Should().Be("Well");
        events[^1].GetProperty("error").GetProperty("code").GetString().Should().Be(code);
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
    [InlineData("/health", HttpStatusCode.ServiceUnavailable)]
    [InlineData("/health/ready", HttpStatusCode.ServiceUnavailable)]
    [InlineData("/health/live", HttpStatusCode.OK)]
    public async Task Health_WhileTheModelIsBeingLoaded_IsNotReady(string path, HttpStatusCode status)
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

        (await response.Content.ReadAsStringAsync().WaitAsync(s_patience)).Should().Contain(", yes.").And.EndWith("data: [DONE]\n\n");
        await stopping.WaitAsync(s_patience);
    }

    [Fact]
    public async Task Health_AfterTheWarmUp_IsHealthy()
    {
        using var server = new WebApiServer();
        using HttpClient client = server.CreateClient();
        using var patience = new CancellationTokenSource(s_patience);

        HttpStatusCode status;
        do
        {
            using HttpResponseMessage response = await client.GetAsync("/health", patience.Token);
            status = response.StatusCode;
            status.Should().BeOneOf(HttpStatusCode.OK, HttpStatusCode.ServiceUnavailable);
        }
        while (status != HttpStatusCode.OK);

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
        response.StatusCode.Should().Be(HttpStatusCode.OK);
        response.Content.Headers.ContentType!.MediaType.Should().Be("text/event-stream");
        List<string> events = await SseParser.Create(await response.Content.ReadAsStreamAsync()).EnumerateAsync().Select(item => item.Data).ToListAsync();
        (events[^1] == "[DONE]").Should().Be(isWhole);
        return [.. events.Where(item => item != "[DONE]").Select(item => JsonElement.Parse(item))];
    }

    private static Task<HttpResponseMessage> SendAsync(HttpClient client, string body)
    {
        var message = new HttpRequestMessage(HttpMethod.Post, "/v1/chat/completions") { Content = new StringContent(body, Encoding.UTF8, new MediaTypeHeaderValue("application/json")) };
        return client.SendAsync(message, HttpCompletionOption.ResponseHeadersRead);
    }

    private static string TextOf(IEnumerable<JsonElement> events) => string.Concat(events.Select(item =>
        item.GetProperty("choices")[0].GetProperty("delta").TryGetProperty("content", out JsonElement content) ? content.GetString() : ""));

    private static string? FinishReasonOf(JsonElement item) =>
        item.GetProperty("choices")[0].TryGetProperty("finish_reason", out JsonElement reason) ? reason.GetString() : null;

    private static async Task<JsonElement> ErrorOf(HttpResponseMessage response) =>
        JsonElement.Parse(await response.Content.ReadAsStringAsync()).GetProperty("error");
}
