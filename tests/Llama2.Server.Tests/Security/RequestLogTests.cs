using System.Net;
using System.Text.Json;
using Llama2.Extensions.Tests;
using Llama2.Server.Accounting;
using Llama2.Server.Tests.Accounting;
using Llama2.Tests;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using UnitTesting;

namespace Llama2.Server.Tests.Security;

public sealed class RequestLogTests : IDisposable
{
    private const string Chat = "/v1/chat/completions";
    private const string RequestCategory = "Llama2.Server";
    private const int RequestEvent = 2;
    // Each is a word that occurs nowhere else, in one kind of text that must not get into a log.
    private const string Prompt = "xylophone", Answer = "quokka", Argument = "zeppelin", Function = "get_weather";
    private static readonly ModelTokenizer s_tokenizer = ModelTokenizer.Load(DemonstrationModel.Path);
    private readonly CapturingLoggerProvider _log = new();
    private readonly RecordingObserver _observer = new();
    private readonly LlamaApiKey _key = LlamaApiKey.Create("alice");

    public void Dispose() => _log.Dispose();

    [Fact]
    public async Task Post_Answered_IsOneLineWithNamedValues()
    {
        await using LocalServer server = await StartAsync(services => services.AddLlama(DemonstrationModel.Path));

        JsonElement usage = (await server.AskAsync(Chat, $$"""{"messages": [{"role": "user", "content": "{{Storyteller.Question}}"}], "temperature": 0}""")).GetProperty("usage");

        RequestRecord record = await _observer.TakeAsync();
        CapturingLoggerProvider.CapturedEntry line = _log.Entries.Should().ContainSingle(entry => entry.Category == RequestCategory && entry.Event == RequestEvent).Subject;
        line.Level.Should().Be(LogLevel.Information);
        Dictionary<string, object?> values = line.Values.ToDictionary(value => value.Key, value => value.Value);
        values.Should().Contain(new Dictionary<string, object?>
        {
            ["Endpoint"] = Chat,
            ["Status"] = 200,
            ["ErrorCode"] = "none",
            ["IsAborted"] = false,
            ["Model"] = Storyteller.Name,
            ["Key"] = "alice",
            ["PromptTokens"] = usage.GetProperty("prompt_tokens").GetInt32(),
            ["GeneratedTokens"] = usage.GetProperty("completion_tokens").GetInt32(),
            ["CachedTokens"] = record.CachedTokenCount,
        });
        values["Milliseconds"].Should().Be(Math.Round(record.Duration.TotalMilliseconds, 1)).And.BeOfType<double>().Which.Should().BePositive();
    }

    [Fact]
    public async Task Post_WithoutKey_IsALineToo()
    {
        await using LocalServer server = await StartAsync(services => services.AddLlama(DemonstrationModel.Path));
        server.Client.DefaultRequestHeaders.Authorization = null;

        (await server.RefuseAsync(Chat, "{}")).Status.Should().Be(HttpStatusCode.Unauthorized);

        await _observer.TakeAsync();
        _log.Entries.Should().ContainSingle(entry => entry.Category == RequestCategory && entry.Event == RequestEvent).Which.ToString().Should()
            .Contain("Status=401").And.Contain("ErrorCode=invalid_api_key").And.Contain("Key=none");
    }

    [Theory]
    [InlineData(null)]
    [InlineData("wrong")]
    public async Task Post_WithoutValidKey_IsNotLoggedByTheAuthenticationToo(string? key)
    {
        await using LocalServer server = await StartAsync(services => services.AddLlama(DemonstrationModel.Path));
        server.Client.DefaultRequestHeaders.Authorization = key is null ? null : new("Bearer", key);

        (await server.RefuseAsync(Chat, "{}")).Status.Should().Be(HttpStatusCode.Unauthorized);

        await _observer.TakeAsync();
        _log.Entries.Should().NotContain(entry => entry.Event >= 0 && entry.Category.StartsWith("Llama2.Server.", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Post_AllEndpoints_LogsContainNeitherTextsNorKeys()
    {
        string call = ToolTexts.Call(Function, $$"""{"city": "{{Argument}}"}""");
        await using LocalServer server = await StartAsync(services =>
        {
            services.AddSingleton<ILlamaModel>(new ScriptedModel(s_tokenizer, Answer, Answer, Answer, call));
            services.AddLlama("script.gguf");
        });
        string messages = $$"""
            "messages": [{"role": "user", "content": "{{Prompt}}"}, {"role": "assistant", "content": null, "tool_calls": [{"id": "1", "type": "function", "function": {"name": "{{Function}}",
            "arguments": "{\"city\": \"{{Argument}}\"}"} }]}, {"role": "tool", "tool_call_id": "1", "content": "{{Prompt}}"}]
            """;
        (string Path, string Body)[] requests =
        [
            (Chat, $$"""{ {{messages}} }"""),
            (Chat, $$"""{ {{messages}}, "stream": true}"""),
            ("/v1/completions", $$"""{"prompt": "{{Prompt}}"}"""),
            ("/v1/embeddings", $$"""{"input": "{{Prompt}}"}"""),
            ("/tokenize", $$"""{"content": "{{Prompt}}", "with_pieces": true}"""),
            (Chat, $$"""{ {{messages}}, "tools": [{"type": "function", "function": {"name": "{{Function}}", "description": "{{Prompt}}"} }]}"""),
            // Errors of the request.
            (Chat, $$"""{ {{messages}}, "{{Prompt}}": 1}"""),
            (Chat, $$"""{ {{messages}}, "stop": ["{{Prompt}}"], "temperature": "{{Prompt}}"}"""),
            (Chat, $$"""{ {{messages}}, "model": "{{Prompt}}"}"""),
            (Chat, $$"""{"messages": "{{Prompt}}" """),
            (Chat, $$"""{ {{messages}}, "response_format": {"type": "json_schema", "json_schema": {"name": "a", "schema": {"type": "{{Prompt}}"} } } }"""),
            ("/v1/completions", $$"""{"prompt": "{{string.Concat(Enumerable.Repeat(Prompt, 3000))}}"}"""),
            ("/v1/nothing", $$"""{"prompt": "{{Prompt}}"}"""),
            ("/detokenize", $$"""{"tokens": ["{{Prompt}}"]}"""),
        ];
        foreach ((string path, string body) in requests)
        {
            using HttpResponseMessage response = await server.PostAsync(path, body);
            await response.Content.ReadAsStringAsync();
            await _observer.TakeAsync();
        }

        _log.Entries.Count(entry => entry.Event == RequestEvent && entry.Category == RequestCategory).Should().Be(requests.Length);
        AssertNoTexts();
    }

    [Theory]
    [InlineData(0)]
    [InlineData(3)]
    public async Task Post_ModelFailsWithTheTextInItsMessage_LogsDoNotContainIt(int goodCount)
    {
        var model = new FaultyModel(new ScriptedModel(s_tokenizer), goodCount, () => new InvalidDataException(Prompt, new InvalidOperationException(Answer)));
        await using LocalServer server = await StartAsync(services =>
        {
            services.AddSingleton<ILlamaModel>(model);
            services.AddLlama("script.gguf");
        });
        foreach (string path in (string[])[Chat, "/v1/completions", "/v1/embeddings"])
        {
            foreach (string stream in (string[])["", ", \"stream\": true"])
            {
                string field = path == Chat ? $$""" "messages": [{"role": "user", "content": "{{Prompt}}"}] """ : path == "/v1/completions" ? $"\"prompt\": \"{Prompt}\"" : $"\"input\": \"{Prompt}\"";
                using HttpResponseMessage response = await server.PostAsync(path, $$"""{ {{field}}{{(path == "/v1/embeddings" ? "" : stream)}} }""");
                await response.Content.ReadAsStringAsync();
                (await _observer.TakeAsync()).ErrorCode.Should().Be("internal_error");
            }
        }

        _log.Entries.Should().Contain(entry => entry.Level == LogLevel.Error);
        AssertNoTexts();
    }

    [Fact]
    public async Task Post_PromptsAreToBeLogged_LogsThem()
    {
        await using LocalServer server = await StartAsync(services => services.AddLlama(DemonstrationModel.Path), new LlamaServerOptions { LogPrompts = true });

        await server.AskAsync(Chat, $$"""{"messages": [{"role": "user", "content": "{{Storyteller.Question}}"}], "temperature": 0}""");

        await _observer.TakeAsync();
        _log.Entries.Should().ContainSingle(entry => entry.Event == 6 && entry.Category == RequestCategory).Which.Message.Should().Contain(Storyteller.Question);
        _log.Entries.Should().NotContain(entry => entry.ToString().Contains("moo"));
    }

    private async Task<LocalServer> StartAsync(Action<IServiceCollection> register, LlamaServerOptions? options = null)
    {
        LocalServer server = await LocalServer.StartAsync(
            services =>
            {
                register(services);
                services.AddSingleton<ILoggerProvider>(_log);
                services.AddSingleton<IRequestObserver>(_observer);
                services.AddLlamaApiKeys(new LlamaApiKeyOptions { EnvironmentVariable = null, Entries = [_key.Entry] });
            },
            options);
        server.Client.DefaultRequestHeaders.Authorization = new("Bearer", _key.Text);
        return server;
    }

    private void AssertNoTexts()
    {
        foreach (string secret in (string[])[Prompt, Answer, Argument, _key.Text, _key.Text[^10..], _key.Entry[^64..]])
            _log.Entries.Select(entry => entry.ToString()).Should().NotContain(text => text.Contains(secret, StringComparison.OrdinalIgnoreCase));
    }
}
