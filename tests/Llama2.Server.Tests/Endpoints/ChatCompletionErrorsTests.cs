using System.Net;
using System.Text;
using System.Text.Json;
using Llama2.Tests;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using UnitTesting;

namespace Llama2.Server.Tests.Endpoints;

/// <summary>Each documented error has its status, its type, its field and its code.</summary>
public sealed class ChatCompletionErrorsTests(Storyteller storyteller) : IClassFixture<Storyteller>
{
    private const string Path = "/v1/chat/completions";
    private const string Secret = "the secret word is xylophone";
    private static readonly ModelTokenizer s_tokenizer = ModelTokenizer.Load(DemonstrationModel.Path);

    [Theory]
    // Values of the wrong type.
    [InlineData("\"temperature\": \"hot\"", "temperature", "invalid_type")]
    [InlineData("\"top_p\": [1]", "top_p", "invalid_type")]
    [InlineData("\"frequency_penalty\": {}", "frequency_penalty", "invalid_type")]
    [InlineData("\"presence_penalty\": true", "presence_penalty", "invalid_type")]
    [InlineData("\"seed\": \"1\"", "seed", "invalid_type")]
    [InlineData("\"stop\": 1", "stop", "invalid_type")]
    [InlineData("\"stop\": [1]", "stop[0]", "invalid_type")]
    [InlineData("\"logit_bias\": [1]", "logit_bias", "invalid_type")]
    [InlineData("\"logit_bias\": {\"1\": \"x\"}", "logit_bias.1", "invalid_type")]
    [InlineData("\"max_tokens\": \"1\"", "max_tokens", "invalid_type")]
    [InlineData("\"max_completion_tokens\": true", "max_completion_tokens", "invalid_type")]
    [InlineData("\"logprobs\": 1", "logprobs", "invalid_type")]
    [InlineData("\"logprobs\": true, \"top_logprobs\": \"1\"", "top_logprobs", "invalid_type")]
    [InlineData("\"n\": \"1\"", "n", "invalid_type")]
    [InlineData("\"stream\": \"yes\"", "stream", "invalid_type")]
    [InlineData("\"stream\": true, \"stream_options\": true", "stream_options", "invalid_type")]
    [InlineData("\"stream\": true, \"stream_options\": {\"include_usage\": 1}", "stream_options.include_usage", "invalid_type")]
    [InlineData("\"tools\": {}", "tools", "invalid_type")]
    [InlineData("\"tools\": [1]", "tools[0]", "invalid_type")]
    [InlineData("\"tools\": [{\"type\": \"function\", \"function\": {\"name\": 1}}]", "tools[0].function.name", "invalid_type")]
    [InlineData("\"tools\": [{\"type\": \"function\", \"function\": {\"name\": \"a\", \"parameters\": []}}]", "tools[0].function.parameters", "invalid_type")]
    [InlineData("\"tool_choice\": 1", "tool_choice", "invalid_type")]
    [InlineData("\"parallel_tool_calls\": 1", "parallel_tool_calls", "invalid_type")]
    [InlineData("\"response_format\": \"json\"", "response_format", "invalid_type")]
    [InlineData("\"response_format\": {\"type\": \"json_schema\", \"json_schema\": {\"name\": \"a\", \"schema\": 1}}", "response_format.json_schema.schema", "invalid_type")]
    [InlineData("\"model\": 1", "model", "invalid_type")]
    [InlineData("\"user\": 1", "user", "invalid_type")]
    [InlineData("\"metadata\": \"a\"", "metadata", "invalid_type")]
    [InlineData("\"metadata\": {\"a\": 1}", "metadata.a", "invalid_type")]
    [InlineData("\"store\": \"no\"", "store", "invalid_type")]
    [InlineData("\"service_tier\": 1", "service_tier", "invalid_type")]
    [InlineData("\"modalities\": \"text\"", "modalities", "invalid_type")]
    // Numbers out of range.
    [InlineData("\"temperature\": 2.1", "temperature", "out_of_range")]
    [InlineData("\"temperature\": 1e999", "temperature", "out_of_range")]
    [InlineData("\"top_p\": -0.1", "top_p", "out_of_range")]
    [InlineData("\"frequency_penalty\": 2.5", "frequency_penalty", "out_of_range")]
    [InlineData("\"presence_penalty\": -2.5", "presence_penalty", "out_of_range")]
    [InlineData("\"seed\": 1.5", "seed", "out_of_range")]
    [InlineData("\"seed\": 9223372036854775808", "seed", "out_of_range")]
    [InlineData("\"logit_bias\": {\"1\": 101}", "logit_bias.1", "out_of_range")]
    [InlineData("\"max_tokens\": 0", "max_tokens", "out_of_range")]
    [InlineData("\"max_tokens\": 1e40", "max_tokens", "out_of_range")]
    [InlineData("\"n\": 0", "n", "out_of_range")]
    [InlineData("\"n\": 17", "n", "out_of_range")]
    [InlineData("\"logprobs\": true, \"top_logprobs\": 21", "top_logprobs", "out_of_range")]
    [InlineData("\"response_format\": {\"type\": \"json_schema\", \"json_schema\": {\"name\": \"a\", \"schema\": {\"type\": \"string\", \"minLength\": 50}}}, \"max_tokens\": 2", "max_tokens", "out_of_range")]
    // Values that make no sense.
    [InlineData("\"stop\": [\"a\", \"b\", \"c\", \"d\", \"e\"]", "stop", "invalid_value")]
    [InlineData("\"stop\": \"\"", "stop", "invalid_value")]
    [InlineData("\"logit_bias\": {\"x\": 1}", "logit_bias", "invalid_value")]
    [InlineData("\"logit_bias\": {\"999999\": 1}", "logit_bias", "invalid_value")]
    [InlineData("\"max_tokens\": 1, \"max_completion_tokens\": 1", "max_tokens", "invalid_value")]
    [InlineData("\"top_logprobs\": 2", "top_logprobs", "invalid_value")]
    [InlineData("\"stream_options\": {\"include_usage\": true}", "stream_options", "invalid_value")]
    [InlineData("\"tool_choice\": \"required\"", "tool_choice", "invalid_value")]
    [InlineData("\"tools\": [{\"type\": \"function\", \"function\": {\"name\": \"a b\"}}]", "tools[0].function.name", "invalid_value")]
    [InlineData("\"tools\": [{\"type\": \"function\", \"function\": {\"name\": \"a\"}}, {\"type\": \"function\", \"function\": {\"name\": \"a\"}}]", "tools[1].function.name", "invalid_value")]
    [InlineData("\"tools\": [{\"type\": \"function\", \"function\": {\"name\": \"a\"}}], \"tool_choice\": {\"type\": \"function\", \"function\": {\"name\": \"b\"}}", "tool_choice.function.name", "invalid_value")]
    [InlineData("\"tools\": [{\"type\": \"function\", \"function\": {\"name\": \"a\", \"parameters\": {\"type\": \"string\"}}}]", "tools[0].function.parameters", "invalid_function_parameters")]
    [InlineData("\"tools\": [{\"type\": \"function\", \"function\": {\"name\": \"a\", \"parameters\": {\"properties\": {\"x\": {\"type\": \"nonsense\"}}}}}]", "tools", "invalid_function_parameters")]
    [InlineData("\"response_format\": {\"type\": \"json_schema\", \"json_schema\": {\"name\": \"a\", \"schema\": {\"type\": \"nonsense\"}}}", "response_format", "invalid_schema")]
    [InlineData("\"tools\": [{\"type\": \"function\", \"function\": {\"name\": \"a\"}}], \"response_format\": {\"type\": \"json_schema\", \"json_schema\": {\"name\": \"a\", \"schema\": {\"type\": \"nonsense\"}}}", "response_format", "invalid_schema")]
    [InlineData("\"response_format\": {\"type\": \"json_schema\", \"json_schema\": {\"name\": \"a b\", \"schema\": {}}}", "response_format.json_schema.name", "invalid_value")]
    [InlineData("\"user\": \"\\ud800\"", "user", "invalid_value")]
    [InlineData("\"tools\": [{\"type\": \"function\", \"function\": {\"name\": \"a\", \"parameters\": {\"description\": \"\\ud800\"}}}]", "tools[0].function.parameters", "invalid_value")]
    [InlineData("\"response_format\": {\"type\": \"json_schema\", \"json_schema\": {\"name\": \"a\", \"schema\": {\"title\": \"\\ud800\"}}}", "response_format.json_schema.schema", "invalid_value")]
    // What the server does not support.
    [InlineData("\"store\": true", "store", "unsupported_value")]
    [InlineData("\"service_tier\": \"flex\"", "service_tier", "unsupported_value")]
    [InlineData("\"modalities\": [\"audio\"]", "modalities[0]", "unsupported_value")]
    [InlineData("\"reasoning_effort\": \"high\"", "reasoning_effort", "unsupported_value")]
    [InlineData("\"verbosity\": \"low\"", "verbosity", "unsupported_value")]
    [InlineData("\"tool_choice\": \"any\"", "tool_choice", "unsupported_value")]
    [InlineData("\"tools\": [{\"type\": \"custom\", \"custom\": {\"name\": \"a\"}}]", "tools[0].type", "unsupported_value")]
    [InlineData("\"response_format\": {\"type\": \"xml\"}", "response_format.type", "unsupported_value")]
    [InlineData("\"stream\": true, \"stream_options\": {\"include_obfuscation\": true}", "stream_options.include_obfuscation", "unsupported_value")]
    [InlineData("\"audio\": {\"voice\": \"x\"}", "audio", "unsupported_parameter")]
    [InlineData("\"functions\": []", "functions", "unsupported_parameter")]
    [InlineData("\"function_call\": \"auto\"", "function_call", "unsupported_parameter")]
    [InlineData("\"prediction\": {}", "prediction", "unsupported_parameter")]
    [InlineData("\"web_search_options\": {}", "web_search_options", "unsupported_parameter")]
    // What nobody knows.
    [InlineData("\"colour\": null", "colour", "unknown_parameter")]
    [InlineData("\"top_k\": 40", "top_k", "unknown_parameter")]
    [InlineData("\"stream\": true, \"stream_options\": {\"x\": 1}", "stream_options.x", "unknown_parameter")]
    [InlineData("\"tools\": [{\"type\": \"function\", \"function\": {\"name\": \"a\", \"x\": 1}}]", "tools[0].function.x", "unknown_parameter")]
    [InlineData("\"response_format\": {\"type\": \"text\", \"x\": 1}", "response_format.x", "unknown_parameter")]
    [InlineData("\"response_format\": {}", "response_format.type", "missing_required_parameter")]
    [InlineData("\"tools\": [{\"type\": \"function\"}]", "tools[0].function", "missing_required_parameter")]
    public async Task Post_FieldThatIsNotValid_IsNamed(string field, string param, string code)
    {
        Refusal refusal = await storyteller.Server.RefuseAsync(Path, $$"""{"messages": [{"role": "user", "content": "{{Secret}}"}], {{field}} }""");

        refusal.Should().BeEquivalentTo(new { Status = HttpStatusCode.BadRequest, Type = "invalid_request_error", Param = param, Code = code });
        refusal.Message.Should().NotContain(Secret);
    }

    [Theory]
    [InlineData("""{}""", "messages", "missing_required_parameter")]
    [InlineData("""{"messages": null}""", "messages", "missing_required_parameter")]
    [InlineData("""{"messages": "hello"}""", "messages", "invalid_type")]
    [InlineData("""{"messages": []}""", "messages", "invalid_value")]
    [InlineData("""{"messages": [null]}""", "messages[0]", "invalid_type")]
    [InlineData("""{"messages": [{"content": "a"}]}""", "messages[0].role", "missing_required_parameter")]
    [InlineData("""{"messages": [{"role": "function", "content": "a"}]}""", "messages[0].role", "unsupported_value")]
    [InlineData("""{"messages": [{"role": "user"}]}""", "messages[0].content", "missing_required_parameter")]
    [InlineData("""{"messages": [{"role": "user", "content": 1}]}""", "messages[0].content", "invalid_type")]
    [InlineData("""{"messages": [{"role": "user", "content": []}]}""", "messages[0].content", "invalid_value")]
    [InlineData("""{"messages": [{"role": "user", "content": "\udc00"}]}""", "messages[0].content", "invalid_value")]
    [InlineData("""{"messages": [{"role": "user", "content": "a", "name": 1}]}""", "messages[0].name", "invalid_type")]
    [InlineData("""{"messages": [{"role": "user", "content": "a", "x": 1}]}""", "messages[0].x", "unknown_parameter")]
    [InlineData("""{"messages": [{"role": "user", "content": "a"}, {"role": "user", "content": [{"type": "text", "text": "a"}, {"type": "image_url", "image_url": {"url": "x"}}]}]}""", "messages[1].content[1].type", "unsupported_value")]
    [InlineData("""{"messages": [{"role": "user", "content": [{"type": "input_audio", "input_audio": {}}]}]}""", "messages[0].content[0].type", "unsupported_value")]
    [InlineData("""{"messages": [{"role": "user", "content": [{"type": "text"}]}]}""", "messages[0].content[0].text", "missing_required_parameter")]
    [InlineData("""{"messages": [{"role": "assistant", "content": null}]}""", "messages[0].content", "missing_required_parameter")]
    [InlineData("""{"messages": [{"role": "assistant", "content": "a", "refusal": "no"}]}""", "messages[0].refusal", "unsupported_parameter")]
    [InlineData("""{"messages": [{"role": "assistant", "content": "a", "audio": {"id": "x"}}]}""", "messages[0].audio", "unsupported_parameter")]
    [InlineData("""{"messages": [{"role": "assistant", "tool_calls": [{"id": "a", "type": "function", "function": {"name": "f", "arguments": "{}"}}]}]}""", "messages[0].tool_calls", "invalid_value")]
    [InlineData("""{"messages": [{"role": "assistant", "tool_calls": [{"id": "a", "type": "function", "function": {"name": "f", "arguments": "{"}}]}]}""", "messages[0].tool_calls[0].function.arguments", "invalid_value")]
    [InlineData("""{"messages": [{"role": "assistant", "tool_calls": [{"id": "a", "type": "function", "function": {"name": "f", "arguments": "{\"x\": \"\\ud800\"}"}}]}]}""", "messages[0].tool_calls[0].function.arguments", "invalid_value")]
    [InlineData("""{"messages": [{"role": "assistant", "tool_calls": [{"id": "a", "type": "function", "function": {"name": "f", "arguments": "[]"}}]}]}""", "messages[0].tool_calls[0].function.arguments", "invalid_type")]
    [InlineData("""{"messages": [{"role": "assistant", "tool_calls": [{"id": "a", "type": "function", "function": {"name": "", "arguments": "{}"}}]}]}""", "messages[0].tool_calls[0].function.name", "invalid_value")]
    [InlineData("""{"messages": [{"role": "assistant", "tool_calls": [{"type": "function", "function": {"name": "f", "arguments": "{}"}}]}]}""", "messages[0].tool_calls[0].id", "missing_required_parameter")]
    [InlineData("""{"messages": [{"role": "tool", "content": "a"}]}""", "messages[0].tool_call_id", "missing_required_parameter")]
    [InlineData("""{"messages": [{"role": "tool", "content": "a", "tool_call_id": "b"}]}""", "messages[0].tool_call_id", "invalid_value")]
    public async Task Post_MessageThatIsNotValid_IsNamed(string body, string param, string code) =>
        (await storyteller.Server.RefuseAsync(Path, body)).Should()
            .BeEquivalentTo(new { Status = HttpStatusCode.BadRequest, Type = "invalid_request_error", Param = param, Code = code });

    [Fact]
    public async Task Post_PromptLongerThanTheContext_IsRefused()
    {
        string text = string.Concat(Enumerable.Repeat("cow ", 20_000));

        Refusal refusal = await storyteller.Server.RefuseAsync(Path, $$"""{"messages": [{"role": "user", "content": "{{text}}"}], "stream": true}""");

        refusal.Should().BeEquivalentTo(new { Status = HttpStatusCode.BadRequest, Type = "invalid_request_error", Param = "messages", Code = "context_length_exceeded" });
    }

    [Theory]
    [InlineData(typeof(LlamaBusyException), 429, "requests", "rate_limit_exceeded", true)]
    [InlineData(typeof(LlamaMemoryException), 503, "server_error", "insufficient_memory", true)]
    [InlineData(typeof(ObjectDisposedException), 503, "server_error", "server_shutting_down", false)]
    [InlineData(typeof(ReaderIdleException), 408, "invalid_request_error", "reader_idle", false)]
    [InlineData(typeof(InvalidDataException), 500, "server_error", "internal_error", false)]
    public async Task Post_ModelFails_HasTheStatusOfTheFault(Type type, int status, string errorType, string code, bool invitesRetry)
    {
        foreach (bool streams in (bool[])[false, true])
        {
            await using LocalServer server = await LocalServer.StartAsync(new FaultyModel(new ScriptedModel(s_tokenizer), 0, () => Create(type)));

            using HttpResponseMessage response = await server.PostAsync(
                Path, $$"""{"messages": [{"role": "user", "content": "{{Secret}}"}], "stream": {{(streams ? "true" : "false")}}}""");

            Refusal refusal = await Refusal.ReadAsync(response);
            refusal.Should().BeEquivalentTo(new { Status = (HttpStatusCode)status, Type = errorType, Param = (string?)null, Code = code });
            refusal.Message.Should().NotContain(Secret);
            (response.Headers.RetryAfter?.Delta is not null).Should().Be(invitesRetry);
            bool isLogged = server.Log.Entries.Any(entry => entry.Level == LogLevel.Error);
            isLogged.Should().Be(status == 500);
        }
    }

    [Fact]
    public async Task Post_MoreChoicesThanTheQueueHolds_AreTooManyRequests()
    {
        // There is memory for one whole context (16 pages of 68 KiB), which two choices share, and one may wait.
        await using LocalServer server = await LocalServer.StartAsync(services => services.AddLlama(options =>
        {
            options.ModelPath = DemonstrationModel.Path;
            options.KeyValueCacheByteSize = 16 * 68 * 1024;
            options.MaxWaitingCount = 1;
        }));

        using HttpResponseMessage response = await server.PostAsync(Path, $$"""{"messages": [{"role": "user", "content": "{{Storyteller.Question}}"}], "n": 16}""");

        (await Refusal.ReadAsync(response)).Should().BeEquivalentTo(new { Status = HttpStatusCode.TooManyRequests, Type = "requests", Param = (string?)null, Code = "rate_limit_exceeded" });
        response.Headers.RetryAfter!.Delta.Should().Be(TimeSpan.FromSeconds(1));
        (await server.AskAsync(Path, $$"""{"messages": [{"role": "user", "content": "{{Storyteller.Question}}"}], "temperature": 0}"""))
            .GetProperty("choices")[0].GetProperty("message").GetProperty("content").GetString().Should().Be(Storyteller.Answer);
    }

    [Theory]
    [InlineData(typeof(LlamaMemoryException), "insufficient_memory")]
    [InlineData(typeof(InvalidDataException), "internal_error")]
    public async Task Stream_FaultAfterTheFirstToken_IsTheLastEvent(Type type, string code)
    {
        await using LocalServer server = await LocalServer.StartAsync(new FaultyModel(new ScriptedModel(s_tokenizer), 3, () => Create(type)));

        string[] events = await server.StreamAsync(Path, """{"messages": [{"role": "user", "content": "Well?"}], "stream": true}""");

        string.Concat(events.SkipLast(1).Select(item => JsonElement.Parse(item).GetProperty("choices")[0].GetProperty("delta").GetProperty("content").GetString())).Should().Be("aaa");
        Refusal.Read(HttpStatusCode.OK, events[^1]).Code.Should().Be(code);
    }

    [Fact]
    public async Task Stream_OneOfSeveralChoicesFails_EndsAll()
    {
        await using LocalServer server = await LocalServer.StartAsync(new FaultyModel(new ScriptedModel(s_tokenizer), 3, () => Create(typeof(LlamaMemoryException))));

        string[] events = await server.StreamAsync(Path, """{"messages": [{"role": "user", "content": "Well?"}], "stream": true, "n": 4}""");

        Refusal.Read(HttpStatusCode.OK, events[^1]).Code.Should().Be("insufficient_memory");
    }

    [Theory]
    [InlineData(true, 1)]
    [InlineData(true, 3)]
    [InlineData(false, 1)]
    public async Task Post_ClientDisconnects_EndsTheGeneration(bool streams, int count)
    {
        var model = new EndlessModel(new ScriptedModel(s_tokenizer));
        await using LocalServer server = await LocalServer.StartAsync(model);
        string body = $$"""{"messages": [{"role": "user", "content": "Well?"}], "n": {{count}}, "stream": {{(streams ? "true" : "false")}}}""";

        if (streams)
        {
            using HttpResponseMessage response = await server.PostAsync(Path, body);
            await using Stream stream = await response.Content.ReadAsStreamAsync();
            (await stream.ReadAsync(new byte[16])).Should().BePositive();
        }
        else
        {
            using var leaving = new CancellationTokenSource();
            Task<HttpResponseMessage> asking = server.PostAsync(Path, body, leaving.Token);
            await model.Begun.WaitAsync(TimeSpan.FromSeconds(60));
            await leaving.CancelAsync();
            await FluentActions.Awaiting(() => asking).Should().ThrowAsync<OperationCanceledException>();
        }

        await model.Ended.WaitAsync(TimeSpan.FromSeconds(60));
        server.Log.Entries.Should().NotContain(entry => entry.Level >= LogLevel.Error);
    }

    [Fact]
    public async Task Post_ModelThatCannotBeLoaded_Is503AndTriedAgain()
    {
        string path = System.IO.Path.Combine(System.IO.Path.GetTempPath(), $"{Guid.NewGuid():N}.gguf");
        await File.WriteAllTextAsync(path, "no model");
        try
        {
            await using LocalServer server = await LocalServer.StartAsync(services => services.AddLlama("broken", path));
            string request = """{"messages": [{"role": "user", "content": "Well?"}]}""";

            Refusal refusal = await server.RefuseAsync(Path, request);
            refusal.Should().BeEquivalentTo(new { Status = HttpStatusCode.ServiceUnavailable, Type = "server_error", Param = "model", Code = "model_unavailable" });
            refusal.Message.Should().NotContain(path);

            File.Copy(DemonstrationModel.Path, path, overwrite: true);
            (await server.AskAsync(Path, request)).GetProperty("model").GetString().Should().Be("broken");
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Theory]
    [InlineData("text/plain")]
    [InlineData("application/x-www-form-urlencoded")]
    public async Task Post_OtherContentType_IsRefused(string type)
    {
        using var content = new StringContent("""{"messages": [{"role": "user", "content": "a"}]}""", Encoding.UTF8, type);
        using HttpResponseMessage response = await storyteller.Server.Client.PostAsync(new Uri(Path, UriKind.Relative), content);

        (await Refusal.ReadAsync(response)).Should().BeEquivalentTo(new { Status = HttpStatusCode.UnsupportedMediaType, Code = "unsupported_content_type" });
    }

    [Fact]
    public async Task Post_Prompts_AreNotLogged()
    {
        await storyteller.Server.AskAsync(Path, $$"""{"messages": [{"role": "user", "content": "{{Secret}}"}], "max_tokens": 3, "user": "{{Secret}}"}""");
        await storyteller.Server.RefuseAsync(Path, $$"""{"messages": [{"role": "user", "content": "{{Secret}}"}], "{{Secret}}": 1}""");

        storyteller.Server.Log.Entries.Should().NotBeEmpty().And.NotContain(entry => entry.Message.Contains(Secret) || (entry.Exception != null && entry.Exception.ToString().Contains(Secret)));
    }

    private static Exception Create(Type type) =>
        type == typeof(LlamaBusyException) ? new LlamaBusyException(1024)
        : type == typeof(LlamaMemoryException) ? new LlamaMemoryException(Secret, 2, 1)
        : type == typeof(ReaderIdleException) ? new ReaderIdleException(TimeSpan.FromMinutes(5))
        : (Exception)Activator.CreateInstance(type, Secret)!;

    [Fact]
    public async Task Post_SchemaThatIsTooLong_IsAnErrorOfTheSchema()
    {
        string values = string.Join(", ", Enumerable.Range(0, 200_000));

        Refusal refusal = await storyteller.Server.RefuseAsync(
            "/v1/chat/completions",
            $$$"""
            {"messages": [{"role": "user", "content": "a"}], "max_tokens": 10,
             "response_format": {"type": "json_schema", "json_schema": {"name": "a", "schema": {"enum": [{{{values}}}]} } } }
            """);

        refusal.Should().BeEquivalentTo(new { Status = HttpStatusCode.BadRequest, Param = "response_format", Code = "invalid_schema" });
    }
}
