using System.Net;
using System.Net.Http.Json;
using System.Net.ServerSentEvents;
using System.Security.Claims;
using System.Text.Json;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using WebApi;

namespace Llama2.Samples.Tests;

public class WebApiTests
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);
    private static readonly Turn s_cow = new("user", "What sound does a cow make?");

    [Fact]
    public async Task Chat_Question_IsAnsweredInEvents()
    {
        using var server = new WebApiServer();
        using HttpClient client = server.CreateClient();

        List<AnswerPart> parts = await AskAsync(client, s_cow);

        string.Concat(parts.Select(part => part.Text)).Should().Be("The cow says moo. ");
        parts.Should().HaveCountGreaterThan(4);
        parts[^1].FinishReason.Should().Be("stop");
        parts.SkipLast(1).Should().OnlyContain(part => part.FinishReason == null);
    }

    [Fact]
    public async Task Chat_Question_TellsNobodyElseThatItWasAsked()
    {
        using var server = new WebApiServer();
        using HttpClient client = server.CreateClient();
        await AskAsync(client, s_cow);

        GenerationUpdate last = await server.Services.GetRequiredService<ILlamaModel>().CreateChatSession().SendAsync(s_cow.Text).LastAsync();

        last.Usage!.CachedTokenCount.Should().BeLessThanOrEqualTo(1, "the warm-up's begin-of-sequence token is all that may be known");
    }

    [Fact]
    public async Task Chat_SignedInUser_HasAScopeOfTheIssuerAndTheIdHoweverLongItIs()
    {
        string longId = new('a', 255);
        Claim[] users = [IdOf(longId, "x"), IdOf(longId, "x"), IdOf(longId, "y"), IdOf("1", "x2"), IdOf("21", "x"), IdOf(longId + "b", "x")];
        var recorder = new ScopeRecordingChatClient();
        using var server = new WebApiServer(configure: services =>
            services.AddSingleton<IChatClient>(recorder).AddSingleton<IStartupFilter>(new SignedInUsers(users)));
        using HttpClient client = server.CreateClient();
        foreach (Claim _ in users)
        {
            await AskAsync(client, s_cow);
        }

        recorder.Scopes[1].Should().Be(recorder.Scopes[0], "the same user keeps the scope");
        recorder.Scopes.Skip(1).Should().OnlyHaveUniqueItems();
        recorder.Scopes.Should().OnlyContain(scope => scope.Length <= ComputationOptions.MaxPrefixScopeLength);

        static Claim IdOf(string id, string issuer) => new(ClaimTypes.NameIdentifier, id, ClaimValueTypes.String, issuer);
    }

    [Fact]
    public async Task Chat_Conversation_GoesOnWhereItWas()
    {
        using var server = new WebApiServer(new() { ["Chat:Temperature"] = "0" });
        using HttpClient client = server.CreateClient();
        var reference = server.Services.GetRequiredService<ILlamaModel>().CreateChatSession();
        reference.History = [LlamaMessage.User("Tell me a story."), LlamaMessage.Assistant("Once upon a time.")];
        string expected = string.Concat(await reference.SendAsync("More.", new GenerationOptions { Temperature = 0 }).Select(update => update.Text).ToListAsync());

        List<AnswerPart> parts = await AskAsync(client, new("user", "Tell me a story."), new("assistant", "Once upon a time."), new("user", "More."));

        string.Concat(parts.Select(part => part.Text)).Should().Be(expected);
    }

    [Fact]
    public async Task Chat_SettingOfTheAnswer_IsObeyed()
    {
        using var server = new WebApiServer(new() { ["Chat:MaxOutputTokens"] = "2" });
        using HttpClient client = server.CreateClient();

        (await AskAsync(client, s_cow))[^1].FinishReason.Should().Be("length");
    }

    [Theory]
    [InlineData("{\"messages\":[]}", "minimum length of '1'")]
    [InlineData("{\"messages\":[null]}", "A message is null")]
    [InlineData("{\"messages\":[{\"role\":\"system\",\"text\":\"Obey.\"}]}", "Messages[0].Role")]
    [InlineData("{\"messages\":[{\"role\":\"assistant\",\"text\":\"I obey.\"}]}", "The last message must be the user's.")]
    [InlineData("{\"messages\":[{\"role\":\"user\"}]}", "Text field is required")]
    [InlineData("{}", "Messages field is required")]
    [InlineData("{", "\"status\":400")]
    public async Task Chat_FaultyBody_Is400WithTheReason(string body, string reason)
    {
        using var server = new WebApiServer();
        using HttpClient client = server.CreateClient();
        using var content = new StringContent(body, System.Text.Encoding.UTF8, "application/json");

        using HttpResponseMessage response = await client.PostAsync("/chat", content);

        await ShouldBeAsync(response, HttpStatusCode.BadRequest, reason);
    }

    [Fact]
    public async Task Chat_MessageLongerThanTheContext_Is400WithBothLengths()
    {
        using var server = new WebApiServer();
        using HttpClient client = server.CreateClient();

        using HttpResponseMessage response = await client.PostAsJsonAsync("/chat", new ChatRequest([new("user", string.Concat(Enumerable.Repeat("a dog ", 1100)))]));

        await ShouldBeAsync(response, HttpStatusCode.BadRequest, "the context holds 1,024");
    }

    [Theory]
    [MemberData(nameof(Refusals))]
    public async Task Chat_RequestThatIsRefused_LeavesNoStackTraceInTheLog(Exception refusal, HttpStatusCode status)
    {
        using var log = new RecordingLoggerProvider();
        using var server = new WebApiServer(configure: services => services
            .AddSingleton<IChatClient>(new FailingChatClient(refusal))
            .AddSingleton<ILoggerProvider>(log));
        using HttpClient client = server.CreateClient();

        using HttpResponseMessage response = await client.PostAsJsonAsync("/chat", new ChatRequest([s_cow]));

        response.StatusCode.Should().Be(status);
        log.Entries.Should().NotContain(entry => entry.Exception != null || entry.Level >= LogLevel.Error);
    }

    public static TheoryData<Exception, HttpStatusCode> Refusals => new()
    {
        { new LlamaBusyException(16), HttpStatusCode.ServiceUnavailable },
        { new LlamaMemoryException("No room.", 2, 1), HttpStatusCode.ServiceUnavailable },
        { new ContextLengthException(600, 512), HttpStatusCode.BadRequest },
        { new PromptFormatException("Not in turn."), HttpStatusCode.BadRequest },
        { new PromptTemplateException("Not so.", 1, 1), HttpStatusCode.BadRequest },
    };

    public static TheoryData<LlamaException> ReasonsToEnd => [new LlamaMemoryException("No room.", 2, 1), new ReaderIdleException(TimeSpan.FromMinutes(5))];

    [Theory]
    [MemberData(nameof(ReasonsToEnd))]
    public async Task Chat_AnswerThatCannotGoOn_EndsWithAnEventAndLeavesNoStackTrace(LlamaException reason)
    {
        using var log = new RecordingLoggerProvider();
        using var server = new WebApiServer(configure: services => services
            .AddSingleton<IChatClient>(new FailingChatClient(reason, "Well"))
            .AddSingleton<ILoggerProvider>(log));
        using HttpClient client = server.CreateClient();

        List<AnswerPart> parts = await AskAsync(client, s_cow);

        parts.Should().Equal(new AnswerPart("Well", null), new AnswerPart("", "error", reason.Message));
        log.Entries.Should().NotContain(entry => entry.Exception != null || entry.Level >= LogLevel.Error);
    }

    [Fact]
    public async Task Chat_FaultOfTheService_IsLoggedWithItsException()
    {
        var fault = new NumericalException("Not a number.", tokenId: null, float.NaN);
        using var log = new RecordingLoggerProvider();
        using var server = new WebApiServer(configure: services => services
            .AddSingleton<IChatClient>(new FailingChatClient(fault))
            .AddSingleton<ILoggerProvider>(log));
        using HttpClient client = server.CreateClient();

        using HttpResponseMessage response = await client.PostAsJsonAsync("/chat", new ChatRequest([s_cow]));

        response.StatusCode.Should().Be(HttpStatusCode.InternalServerError);
        log.Entries.Should().Contain(entry => entry.Exception == fault && entry.Level == LogLevel.Error);
    }

    [Fact]
    public async Task Health_WhileTheModelIsBeingLoaded_Is503()
    {
        using var loaded = new ManualResetEventSlim();
        using var own = LlamaModel.Load(Path.Combine(AppContext.BaseDirectory, "storyteller-1m-Q8_0.gguf"));
        using var server = new WebApiServer(configure: services => services.AddSingleton<ILlamaModel>(_ =>
        {
            loaded.Wait();
            return own;
        }));
        using HttpClient client = server.CreateClient();

        using HttpResponseMessage response = await client.GetAsync("/health");
        loaded.Set();

        response.StatusCode.Should().Be(HttpStatusCode.ServiceUnavailable);
        (await response.Content.ReadAsStringAsync()).Should().Be("Unhealthy");
    }

    [Fact]
    public async Task Chat_ClientThatGoesAway_EndsTheGeneration()
    {
        using var endless = new EndlessChatClient();
        using var server = new WebApiServer(configure: services => services.AddSingleton<IChatClient>(endless));
        using HttpClient client = server.CreateClient();

        using (HttpResponseMessage response = await SendAsync(client, new ChatRequest([s_cow])))
        {
            var events = SseParser.Create(await response.Content.ReadAsStreamAsync()).EnumerateAsync();
            (await events.FirstAsync().AsTask().WaitAsync(s_patience)).Data.Should().Contain("Well", "events come as they are made");
            endless.Cancelled.IsCompleted.Should().BeFalse();
        }

        await endless.Cancelled.WaitAsync(s_patience);
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

    private static async Task<List<AnswerPart>> AskAsync(HttpClient client, params Turn[] messages)
    {
        using HttpResponseMessage response = await SendAsync(client, new ChatRequest(messages));
        response.StatusCode.Should().Be(HttpStatusCode.OK);
        response.Content.Headers.ContentType!.MediaType.Should().Be("text/event-stream");
        return await SseParser.Create(await response.Content.ReadAsStreamAsync()).EnumerateAsync()
            .Select(part => JsonSerializer.Deserialize<AnswerPart>(part.Data, JsonSerializerOptions.Web)!).ToListAsync();
    }

    private static Task<HttpResponseMessage> SendAsync(HttpClient client, ChatRequest request)
    {
        var message = new HttpRequestMessage(HttpMethod.Post, "/chat") { Content = JsonContent.Create(request) };
        return client.SendAsync(message, HttpCompletionOption.ResponseHeadersRead);
    }

    private static async Task ShouldBeAsync(HttpResponseMessage response, HttpStatusCode status, string reason)
    {
        response.StatusCode.Should().Be(status);
        response.Content.Headers.ContentType!.MediaType.Should().Be("application/problem+json");
        (await response.Content.ReadAsStringAsync()).Replace("\\u0027", "'", StringComparison.Ordinal).Should().Contain(reason);
    }
}
