using System.IO.Compression;
using System.Net.Http.Headers;
using System.Text;
using Llama2.Server.Tests.Security;
using Llama2.Tests;
using Microsoft.Extensions.DependencyInjection;
using UnitTesting;

namespace Llama2.Server.Tests.Errors;

/// <summary>The table of errors in docs/server.md is complete: each of its errors is provoked over HTTP, and no other error is answered.</summary>
public sealed class ErrorTableTests(Storyteller storyteller) : IClassFixture<Storyteller>
{
    private const string Chat = "/v1/chat/completions";
    private const string Question = """{"messages": [{"role": "user", "content": "What sound does a cow make?"}]}""";
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(7), s_patience = TimeSpan.FromSeconds(60);
    private static readonly ModelTokenizer s_tokenizer = ModelTokenizer.Load(DemonstrationModel.Path);

    // What provokes each error.
    private static readonly Dictionary<(int Status, string Code), Func<LocalServer, Task<HttpResponseMessage>>> s_cases = new()
    {
        [(400, "invalid_json")] = server => server.PostAsync(Chat, "{"),
        [(400, "malformed_body")] = PostBrokenChunksAsync,
        [(400, "invalid_type")] = server => server.PostAsync(Chat, """{"messages": 1}"""),
        [(400, "invalid_value")] = server => server.PostAsync(Chat, """{"messages": []}"""),
        [(400, "out_of_range")] = server => server.PostAsync("/v1/completions", """{"prompt": "a", "temperature": 3}"""),
        [(400, "missing_required_parameter")] = server => server.PostAsync("/v1/embeddings", "{}"),
        [(400, "unknown_parameter")] = server => server.PostAsync("/tokenize", """{"content": "a", "colour": 1}"""),
        [(400, "unsupported_parameter")] = server => server.PostAsync("/v1/completions", """{"prompt": "a", "suffix": "b"}"""),
        [(400, "unsupported_value")] = server => server.PostAsync("/v1/embeddings", """{"input": "a", "dimensions": 3}"""),
        [(400, "invalid_schema")] = server => server.PostAsync(Chat, With("""
            "response_format": {"type": "json_schema", "json_schema": {"name": "a", "schema": {"type": "nonsense"}}}
            """)),
        [(400, "invalid_function_parameters")] = server => server.PostAsync(Chat, With("""
            "tools": [{"type": "function", "function": {"name": "a", "parameters": {"type": "string"}}}]
            """)),
        [(400, "context_length_exceeded")] = server => server.PostAsync("/v1/completions", $$"""{"prompt": "{{string.Concat(Enumerable.Repeat("cow ", 5000))}}"}"""),
        [(400, "previous_response_not_found")] = server => server.PostAsync("/v1/responses", """{"input": "a", "previous_response_id": "resp_1"}"""),
        [(400, "item_not_found")] = server => server.PostAsync("/v1/responses", """{"input": [{"type": "item_reference", "id": "msg_1"}]}"""),
        [(404, "response_not_found")] = server => server.Client.GetAsync(new Uri("/v1/responses/resp_1", UriKind.Relative)),
        [(401, "invalid_api_key")] = _ => AskAsync(services => KeyServer.Register(services, LlamaApiKey.Create("alice")), Question),
        [(404, "model_not_found")] = server => server.PostAsync(Chat, With("\"model\": \"gpt-4o\"")),
        [(404, "unknown_url")] = server => server.Client.GetAsync(new Uri("/v1/images/generations", UriKind.Relative)),
        [(405, "method_not_allowed")] = server => server.Client.GetAsync(new Uri(Chat, UriKind.Relative)),
        [(408, "request_timeout")] = _ => PostUnfinishedAsync(),
        [(408, "reader_idle")] = _ => AskFaultyAsync(new ReaderIdleException(TimeSpan.FromMinutes(5))),
        [(413, "request_too_large")] = server => server.PostAsync(Chat, new byte[(8 << 20) + 1]),
        [(415, "unsupported_content_type")] = server => server.Client.PostAsync(new Uri(Chat, UriKind.Relative), new StringContent(Question, Encoding.UTF8, "text/plain")),
        [(415, "unsupported_content_encoding")] = PostCompressedAsync,
        [(429, "rate_limit_exceeded")] = _ => AskBusyAsync(),
        [(500, "internal_error")] = _ => AskFaultyAsync(new InvalidDataException()),
        [(503, "insufficient_memory")] = _ => AskFaultyAsync(new LlamaMemoryException("no memory", 2, 1)),
        [(503, "model_unavailable")] = _ => AskAsync(services => services.AddLlama("broken", RepositoryFiles.Committed("LICENSE")), With("\"model\": \"broken\"")),
        [(503, "server_shutting_down")] = _ => AskFaultyAsync(new ObjectDisposedException("model")),
        [(504, "answer_timeout")] = _ => AskEndlessAsync(),
    };

    public static TheoryData<int, string> Cases
    {
        get
        {
            var cases = new TheoryData<int, string>();
            foreach ((int status, string code) in s_cases.Keys)
                cases.Add(status, code);
            return cases;
        }
    }

    [Fact]
    public void Table_EveryError_IsProvoked() =>
        DocumentedErrors.All.Select(error => (error.Status, error.Code)).Should().NotBeEmpty().And.OnlyHaveUniqueItems().And.BeEquivalentTo(s_cases.Keys);

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task Request_ThatProvokesAnError_HasTheDocumentedStatusTypeAndCode(int status, string code)
    {
        using HttpResponseMessage response = await s_cases[(status, code)](storyteller.Server);

        Refusal refusal = await Refusal.ReadAsync(response);
        ((int)refusal.Status, refusal.Type, refusal.Code).Should().Be(DocumentedErrors.All.Single(error => error.Status == status && error.Code == code));
        refusal.Message.Should().NotBeNullOrWhiteSpace();
    }

    private static string With(string field) => Question[..^1] + ", " + field + "}";

    // The answer comes before the server is disposed.
    private static async Task<HttpResponseMessage> AskAsync(Action<IServiceCollection> configure, string body)
    {
        await using LocalServer server = await LocalServer.StartAsync(configure);
        HttpResponseMessage response = await server.PostAsync(Chat, body);
        await response.Content.LoadIntoBufferAsync();
        return response;
    }

    private static async Task<HttpResponseMessage> AskEndlessAsync()
    {
        var clock = new ManualTimeProvider();
        using var model = new EndlessModel(new ScriptedModel(s_tokenizer));
        await using LocalServer server = await LocalServer.StartAsync(
            services =>
            {
                services.AddSingleton<TimeProvider>(clock).AddSingleton<ILlamaModel>(model);
                services.AddLlama("script.gguf");
            },
            new LlamaServerOptions { RequestTimeout = s_limit });
        Task<HttpResponseMessage> asking = server.PostAsync(Chat, Question);
        await model.Begun.WaitAsync(s_patience);
        clock.Advance(s_limit);
        HttpResponseMessage response = await asking;
        await response.Content.LoadIntoBufferAsync();
        return response;
    }

    private static Task<HttpResponseMessage> AskFaultyAsync(Exception fault) => AskAsync(
        services =>
        {
            services.AddSingleton<ILlamaModel>(new FaultyModel(new ScriptedModel(s_tokenizer), 0, () => fault));
            services.AddLlama("script.gguf");
        },
        Question);

    // There is memory for one whole context (16 pages of 68 KiB), which two choices share, and one may wait.
    private static Task<HttpResponseMessage> AskBusyAsync() => AskAsync(
        services => services.AddLlama(options =>
        {
            options.ModelPath = DemonstrationModel.Path;
            options.KeyValueCacheByteSize = 16 * 68 * 1024;
            options.MaxWaitingCount = 1;
        }),
        With("\"n\": 16"));

    private static async Task<HttpResponseMessage> PostCompressedAsync(LocalServer server)
    {
        using var compressed = new MemoryStream();
        await using (var writer = new GZipStream(compressed, CompressionMode.Compress, leaveOpen: true))
            await writer.WriteAsync(Encoding.UTF8.GetBytes(Question));
        using var content = new ByteArrayContent(compressed.ToArray());
        content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        content.Headers.ContentEncoding.Add("gzip");
        HttpResponseMessage response = await server.Client.PostAsync(new Uri(Chat, UriKind.Relative), content);
        response.Headers.GetValues("Accept-Encoding").Should().Equal("identity");
        return response;
    }

    private static async Task<HttpResponseMessage> PostUnfinishedAsync()
    {
        var clock = new ManualTimeProvider();
        Task reading = clock.StartedAsync(s_limit);
        await using LocalServer server = await LocalServer.StartAsync(
            services => services.AddSingleton<TimeProvider>(clock).AddLlama(DemonstrationModel.Path), new LlamaServerOptions { BodyTimeout = s_limit });
        await using RawConnection connection = await RawConnection.OpenAsync(server);
        await connection.SendAsync($"POST {Chat} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n{{");
        await reading.WaitAsync(s_patience);
        clock.Advance(s_limit);
        return await connection.ReadAsync();
    }

    private static async Task<HttpResponseMessage> PostBrokenChunksAsync(LocalServer server)
    {
        await using RawConnection connection = await RawConnection.OpenAsync(server);
        await connection.SendAsync($"POST {Chat} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\nnonsense\r\n");
        return await connection.ReadAsync();
    }
}
