using System.Net;
using System.Text.Json;
using Llama2.Tests;
using Microsoft.Extensions.DependencyInjection;
using UnitTesting;

namespace Llama2.Server.Tests.Security;

public sealed class RequestLimitTests
{
    private const string Path = "/v1/chat/completions";
    private const string Question = """{"messages": [{"role": "user", "content": "What sound does a cow make?"}], "temperature": 0}""";
    private static readonly ModelTokenizer s_tokenizer = ModelTokenizer.Load(DemonstrationModel.Path);

    [Fact]
    public async Task Post_ContextIsLimited_LimitsPromptAndAnswerTogether()
    {
        await using LocalServer unlimited = await StartAsync(new LlamaServerOptions());
        JsonElement usage = (await unlimited.AskAsync(Path, Question)).GetProperty("usage");
        int promptCount = usage.GetProperty("prompt_tokens").GetInt32(), totalCount = usage.GetProperty("total_tokens").GetInt32();

        foreach ((int limit, string? finishReason) in new[] { (promptCount, null), (promptCount + 2, "length"), (totalCount, "stop") })
        {
            await using LocalServer server = await StartAsync(new LlamaServerOptions { MaxContextTokenCount = limit });
            if (finishReason is null)
            {
                Refusal refusal = await server.RefuseAsync(Path, Question);
                refusal.Should().BeEquivalentTo(new { Status = HttpStatusCode.BadRequest, Type = "invalid_request_error", Param = "messages", Code = "context_length_exceeded" });
                continue;
            }

            JsonElement answer = await server.AskAsync(Path, Question);
            answer.GetProperty("choices")[0].GetProperty("finish_reason").GetString().Should().Be(finishReason);
            answer.GetProperty("usage").GetProperty("total_tokens").GetInt32().Should().Be(limit);
        }
    }

    [Fact]
    public async Task Post_ContextIsLimited_LimitsCompletionsAndEmbeddings()
    {
        await using LocalServer server = await StartAsync(new LlamaServerOptions { MaxContextTokenCount = 4 });

        (await server.AskAsync("/v1/completions", """{"prompt": [5, 6, 7], "max_tokens": 9}""")).GetProperty("usage").GetProperty("completion_tokens").GetInt32().Should().Be(1);
        (await server.RefuseAsync("/v1/completions", """{"prompt": [5, 6, 7, 8]}""")).Should().BeEquivalentTo(new { Status = HttpStatusCode.BadRequest, Param = "prompt", Code = "context_length_exceeded" });
        await server.AskAsync("/v1/embeddings", """{"input": [5, 6, 7, 8]}""");
        (await server.RefuseAsync("/v1/embeddings", """{"input": [[5], [5, 6, 7, 8, 9]]}""")).Should().BeEquivalentTo(new { Status = HttpStatusCode.BadRequest, Param = "input", Code = "context_length_exceeded" });
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Post_AnswerTakesTooLong_IsEnded(bool streams)
    {
        var clock = new ManualTimeProvider();
        var model = new EndlessModel(new ScriptedModel(s_tokenizer));
        await using LocalServer server = await LocalServer.StartAsync(
            services =>
            {
                services.AddSingleton<TimeProvider>(clock).AddSingleton<ILlamaModel>(model);
                services.AddLlama("script.gguf");
            },
            new LlamaServerOptions { RequestTimeout = TimeSpan.FromMinutes(3) });

        Task<HttpResponseMessage> asking = server.PostAsync(Path, $$"""{"messages": [{"role": "user", "content": "Well?"}], "stream": {{(streams ? "true" : "false")}}}""");
        await model.Begun.WaitAsync(TimeSpan.FromSeconds(60));
        if (streams)
            await asking;
        clock.Advance(TimeSpan.FromMinutes(3));
        using HttpResponseMessage response = await asking;

        string body = await response.Content.ReadAsStringAsync();
        Refusal refusal = Refusal.Read(response.StatusCode, streams ? body[..^2].Split("\n\n")[^1]["data: ".Length..] : body);
        refusal.Should().BeEquivalentTo(new { Status = streams ? HttpStatusCode.OK : HttpStatusCode.GatewayTimeout, Type = "server_error", Param = (string?)null, Code = "answer_timeout" });
        refusal.Message.Should().Contain("180 s");
        await model.Ended.WaitAsync(TimeSpan.FromSeconds(60));
    }

    [Fact]
    public void Options_OutOfRange_Throw()
    {
        Func<LlamaServerOptions>[] options =
        [
            () => new() { RequestsPerMinute = 0 }, () => new() { TokensPerMinute = 0 }, () => new() { MaxActiveRequestCount = 0 }, () => new() { MaxContextTokenCount = 0 },
            () => new() { BodyTimeout = TimeSpan.Zero }, () => new() { RequestTimeout = TimeSpan.FromDays(2) },
        ];
        string[] names = ["RequestsPerMinute", "TokensPerMinute", "MaxActiveRequestCount", "MaxContextTokenCount", "BodyTimeout", "RequestTimeout"];
        foreach ((Func<LlamaServerOptions> create, string name) in options.Zip(names))
            FluentActions.Invoking(create).Should().Throw<ArgumentOutOfRangeException>().WithParameterName(name);
    }

    [Theory]
    [InlineData("app.example")]
    [InlineData("https://app.example/")]
    [InlineData("https://App.example")]
    [InlineData("null")]
    [InlineData("")]
    public void AllowedOrigins_NotAnOrigin_Throws(string origin) =>
        FluentActions.Invoking(() => new LlamaServerOptions { AllowedOrigins = [origin] }).Should().Throw<ArgumentException>().WithParameterName("AllowedOrigins");

    private static Task<LocalServer> StartAsync(LlamaServerOptions options) => LocalServer.StartAsync(services => services.AddLlama(DemonstrationModel.Path), options);
}
