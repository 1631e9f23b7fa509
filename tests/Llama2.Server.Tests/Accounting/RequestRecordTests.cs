using System.Text.Json;
using Llama2.Server.Accounting;
using Llama2.Tests;
using Microsoft.Extensions.DependencyInjection;
using UnitTesting;

namespace Llama2.Server.Tests.Accounting;

public sealed class RequestRecordTests
{
    private const string Chat = "/v1/chat/completions";
    private static readonly ModelTokenizer s_tokenizer = ModelTokenizer.Load(DemonstrationModel.Path);
    private readonly RecordingObserver _observer = new();

    [Theory]
    [InlineData(Chat, """{"messages": [{"role": "user", "content": "What sound does a cow make?"}], "temperature": 0}""")]
    [InlineData(Chat, """{"messages": [{"role": "user", "content": "What sound does a cow make?"}], "max_tokens": 3, "n": 3}""")]
    [InlineData("/v1/completions", """{"prompt": ["Once upon a time", "A bear"], "max_tokens": 5, "n": 2}""")]
    [InlineData("/v1/completions", """{"prompt": ["Once upon a time", "A bear"], "max_tokens": 2, "n": 2, "echo": true, "logprobs": 1}""")]
    [InlineData("/v1/embeddings", """{"input": ["A cow", "A bear and a cow"]}""")]
    public async Task Post_WholeAnswer_RecordsTheUsageOfTheAnswer(string path, string body)
    {
        await using LocalServer server = await StartAsync();

        JsonElement usage = (await server.AskAsync(path, body)).GetProperty("usage");

        RequestRecord record = await _observer.TakeAsync();
        record.Endpoint.Should().Be(path);
        record.ModelId.Should().Be(Storyteller.Name);
        record.Status.Should().Be(200);
        record.ErrorCode.Should().BeNull();
        record.IsAborted.Should().BeFalse();
        record.PromptTokenCount.Should().Be(usage.GetProperty("prompt_tokens").GetInt32()).And.BePositive();
        record.GeneratedTokenCount.Should().Be(usage.GetProperty("total_tokens").GetInt32() - record.PromptTokenCount);
        if (usage.TryGetProperty("prompt_tokens_details", out JsonElement details))
            record.CachedTokenCount.Should().Be(details.GetProperty("cached_tokens").GetInt32());

        _observer.HasMore.Should().BeFalse();
    }

    [Fact]
    public async Task Post_ScoresOnly_RecordsThePrompt()
    {
        await using LocalServer server = await StartAsync();

        await server.AskAsync("/v1/completions", """{"prompt": "Once upon a time", "max_tokens": 0, "echo": true, "logprobs": 1}""");

        (await _observer.TakeAsync()).Should().BeEquivalentTo(new { PromptTokenCount = s_tokenizer.Encode("Once upon a time").Length, CachedTokenCount = 0, GeneratedTokenCount = 0 });
    }

    [Fact]
    public async Task Post_Response_RecordsTheUsageOfTheResponse()
    {
        await using LocalServer server = await StartAsync();

        JsonElement usage = (await server.AskAsync("/v1/responses", """{"input": "What sound does a cow make?", "max_output_tokens": 3}""")).GetProperty("usage");

        (await _observer.TakeAsync()).Should().BeEquivalentTo(
            new { Endpoint = "/v1/responses", PromptTokenCount = usage.GetProperty("input_tokens").GetInt32(), GeneratedTokenCount = 3 });
    }

    [Fact]
    public async Task Post_Stream_RecordsTheUsageOfTheLastEvent()
    {
        await using LocalServer server = await StartAsync();

        string[] events = await server.StreamAsync(Chat, """{"messages": [{"role": "user", "content": "What sound does a cow make?"}], "stream": true, "stream_options": {"include_usage": true}}""");

        RequestRecord record = await _observer.TakeAsync();
        JsonElement usage = JsonElement.Parse(events[^2]).GetProperty("usage");
        record.PromptTokenCount.Should().Be(usage.GetProperty("prompt_tokens").GetInt32());
        record.GeneratedTokenCount.Should().Be(usage.GetProperty("completion_tokens").GetInt32());
        record.CachedTokenCount.Should().Be(usage.GetProperty("prompt_tokens_details").GetProperty("cached_tokens").GetInt32());
    }

    [Theory]
    [InlineData(Chat, """{"messages": [{"role": "user", "content": "Well?"}], "stream": true}""")]
    [InlineData("/v1/completions", """{"prompt": "Well?", "max_tokens": 1000000, "stream": true}""")]
    [InlineData("/v1/responses", """{"input": "Well?", "stream": true}""")]
    public async Task Post_StreamWhoseClientLeaves_RecordsTheTokensUpToThen(string path, string body)
    {
        var model = new EndlessModel(new ScriptedModel(s_tokenizer));
        await using LocalServer server = await LocalServer.StartAsync(services => Register(services.AddSingleton<ILlamaModel>(model), "script.gguf"));

        using (HttpResponseMessage response = await server.PostAsync(path, body))
        {
            await using Stream stream = await response.Content.ReadAsStreamAsync();
            (await stream.ReadAsync(new byte[16])).Should().BePositive();
        }

        RequestRecord record = await _observer.TakeAsync();
        record.IsAborted.Should().BeTrue();
        record.Status.Should().Be(200);
        record.ErrorCode.Should().BeNull("nothing failed");
        record.GeneratedTokenCount.Should().BePositive();
        record.PromptTokenCount.Should().BeGreaterThanOrEqualTo(s_tokenizer.Encode("Well?").Length);
    }

    [Fact]
    public async Task Post_RefusedRequest_RecordsNoTokens()
    {
        var model = new FaultyModel(new ScriptedModel(s_tokenizer), 0, () => new LlamaBusyException(1));
        await using LocalServer server = await LocalServer.StartAsync(services => Register(services.AddSingleton<ILlamaModel>(model), "script.gguf"));

        await server.RefuseAsync(Chat, """{"messages": [{"role": "user", "content": "Well?"}]}""");

        (await _observer.TakeAsync()).Should().BeEquivalentTo(new { Status = 429, ErrorCode = "rate_limit_exceeded", PromptTokenCount = 0, GeneratedTokenCount = 0 });
    }

    private Task<LocalServer> StartAsync() => LocalServer.StartAsync(services => Register(services, DemonstrationModel.Path));

    private void Register(IServiceCollection services, string path)
    {
        services.AddSingleton<IRequestObserver>(_observer);
        services.AddLlama(path);
    }
}
