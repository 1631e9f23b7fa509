using System.Net;
using System.Text.Json;
using Llama2.Tests;
using Microsoft.Extensions.Logging;
using UnitTesting;

namespace Llama2.Server.Tests.Responses;

/// <summary>Each documented error of responses has its status, its type, its field and its code.</summary>
public sealed class ResponseErrorsTests(Storyteller storyteller) : IClassFixture<Storyteller>
{
    private const string Path = "/v1/responses";
    private const string Secret = "the secret word is xylophone";
    private static readonly ModelTokenizer s_tokenizer = ModelTokenizer.Load(DemonstrationModel.Path);

    [Theory]
    [InlineData("\"temperature\": \"hot\"", "temperature", "invalid_type")]
    [InlineData("\"top_p\": 2", "top_p", "out_of_range")]
    [InlineData("\"max_output_tokens\": 0", "max_output_tokens", "out_of_range")]
    [InlineData("\"max_tool_calls\": 0", "max_tool_calls", "out_of_range")]
    [InlineData("\"instructions\": []", "instructions", "invalid_type")]
    [InlineData("\"top_logprobs\": 2", "top_logprobs", "invalid_value")]
    [InlineData("\"top_logprobs\": 21, \"include\": [\"message.output_text.logprobs\"]", "top_logprobs", "out_of_range")]
    [InlineData("\"include\": \"a\"", "include", "invalid_type")]
    [InlineData("\"include\": [\"file_search_call.results\"]", "include[0]", "unsupported_value")]
    [InlineData("\"store\": 1", "store", "invalid_type")]
    [InlineData("\"stream\": 1", "stream", "invalid_type")]
    [InlineData("\"stream_options\": {}", "stream_options", "invalid_value")]
    [InlineData("\"stream\": true, \"stream_options\": {\"include_usage\": true}", "stream_options.include_usage", "unknown_parameter")]
    [InlineData("\"stream\": true, \"stream_options\": {\"include_obfuscation\": true}", "stream_options.include_obfuscation", "unsupported_value")]
    [InlineData("\"previous_response_id\": \"resp_1\"", "previous_response_id", "previous_response_not_found")]
    [InlineData("\"background\": true", "background", "unsupported_value")]
    [InlineData("\"truncation\": \"auto\"", "truncation", "unsupported_value")]
    [InlineData("\"service_tier\": \"flex\"", "service_tier", "unsupported_value")]
    [InlineData("\"reasoning\": {\"effort\": \"high\"}", "reasoning.effort", "unsupported_value")]
    [InlineData("\"reasoning\": {\"summary\": \"auto\"}", "reasoning.summary", "unsupported_parameter")]
    [InlineData("\"conversation\": \"conv_1\"", "conversation", "unsupported_parameter")]
    [InlineData("\"prompt\": {\"id\": \"p\"}", "prompt", "unsupported_parameter")]
    [InlineData("\"messages\": []", "messages", "unknown_parameter")]
    [InlineData("\"seed\": 1", "seed", "unknown_parameter")]
    [InlineData("\"metadata\": {\"a\": 1}", "metadata.a", "invalid_type")]
    [InlineData("\"metadata\": {\"a0\": \"\", \"a1\": \"\", \"a2\": \"\", \"a3\": \"\", \"a4\": \"\", \"a5\": \"\", \"a6\": \"\", \"a7\": \"\", \"a8\": \"\", \"a9\": \"\", \"b0\": \"\", \"b1\": \"\", \"b2\": \"\", \"b3\": \"\", \"b4\": \"\", \"b5\": \"\", \"b6\": \"\"}", "metadata", "invalid_value")]
    [InlineData("\"metadata\": {\"12345678901234567890123456789012345678901234567890123456789012345\": \"\"}", "metadata", "invalid_value")]
    [InlineData("\"text\": \"a\"", "text", "invalid_type")]
    [InlineData("\"text\": {\"verbosity\": \"low\"}", "text.verbosity", "unsupported_value")]
    [InlineData("\"text\": {\"format\": {\"type\": \"grammar\"}}", "text.format.type", "unsupported_value")]
    [InlineData("\"text\": {\"format\": {\"type\": \"json_schema\", \"json_schema\": {}}}", "text.format.name", "missing_required_parameter")]
    [InlineData("\"text\": {\"format\": {\"type\": \"json_schema\", \"name\": \"a\", \"schema\": {\"type\": \"nonsense\"}}}", "text.format", "invalid_schema")]
    [InlineData("\"text\": {\"format\": {\"type\": \"json_schema\", \"name\": \"a\", \"schema\": {\"type\": \"string\", \"minLength\": 50}}}, \"max_output_tokens\": 2", "max_output_tokens", "out_of_range")]
    [InlineData("\"tools\": [{\"type\": \"web_search\"}]", "tools[0].type", "unsupported_value")]
    [InlineData("\"tools\": [{\"type\": \"function\", \"function\": {\"name\": \"a\"}}]", "tools[0].name", "missing_required_parameter")]
    [InlineData("\"tools\": [{\"type\": \"function\", \"name\": \"a\", \"parameters\": {\"type\": \"string\"}}]", "tools[0].parameters", "invalid_function_parameters")]
    [InlineData("\"tools\": [{\"type\": \"function\", \"name\": \"a\", \"parameters\": {\"description\": \"\\ud800\"}}]", "tools[0]", "invalid_value")]
    [InlineData("\"tool_choice\": \"required\"", "tool_choice", "invalid_value")]
    [InlineData("\"tools\": [{\"type\": \"function\", \"name\": \"a\"}], \"tool_choice\": {\"type\": \"function\", \"name\": \"b\"}", "tool_choice.name", "invalid_value")]
    [InlineData("\"tools\": [{\"type\": \"function\", \"name\": \"a\"}], \"tool_choice\": {\"type\": \"mcp\"}", "tool_choice.type", "unsupported_value")]
    [InlineData("\"tools\": [{\"type\": \"function\", \"name\": \"a\"}], \"tool_choice\": {\"type\": \"allowed_tools\", \"mode\": \"auto\", \"tools\": [{\"type\": \"function\", \"name\": \"b\"}]}", "tool_choice.tools[0].name", "invalid_value")]
    [InlineData("\"model\": \"gpt-5\"", "model", "model_not_found")]
    public async Task Post_FieldThatIsNotValid_IsNamed(string field, string param, string code)
    {
        Refusal refusal = await storyteller.Server.RefuseAsync(Path, $$"""{"input": "{{Secret}}", {{field}} }""");

        refusal.Should().BeEquivalentTo(new
        {
            Status = code == "model_not_found" ? HttpStatusCode.NotFound : HttpStatusCode.BadRequest,
            Type = "invalid_request_error",
            Param = param,
            Code = code,
        });
        refusal.Message.Should().NotContain(Secret);
    }

    [Theory]
    [InlineData("""{}""", "input", "missing_required_parameter")]
    [InlineData("""{"input": 1}""", "input", "invalid_type")]
    [InlineData("""{"input": []}""", "input", "invalid_value")]
    [InlineData("""{"input": ["a"]}""", "input[0]", "invalid_type")]
    [InlineData("""{"input": [{"type": "reasoning", "summary": []}]}""", "input[0].type", "unsupported_value")]
    [InlineData("""{"input": [{"role": "tool", "content": "a"}]}""", "input[0].role", "unsupported_value")]
    [InlineData("""{"input": [{"role": "user"}]}""", "input[0].content", "missing_required_parameter")]
    [InlineData("""{"input": [{"role": "user", "content": 1}]}""", "input[0].content", "invalid_type")]
    [InlineData("""{"input": [{"role": "user", "content": "a", "id": ""}]}""", "input[0].id", "invalid_value")]
    [InlineData("""{"input": [{"role": "user", "content": "a", "status": "x"}]}""", "input[0].status", "unsupported_value")]
    [InlineData("""{"input": [{"role": "user", "content": "a", "name": "x"}]}""", "input[0].name", "unknown_parameter")]
    [InlineData("""{"input": [{"role": "user", "content": [{"type": "input_image", "image_url": "x"}]}]}""", "input[0].content[0].type", "unsupported_value")]
    [InlineData("""{"input": [{"role": "user", "content": [{"type": "output_text", "text": "x"}]}]}""", "input[0].content[0].type", "unsupported_value")]
    [InlineData("""{"input": [{"role": "assistant", "content": [{"type": "refusal", "refusal": "x"}]}]}""", "input[0].content[0].type", "unsupported_value")]
    [InlineData("""{"input": [{"type": "function_call", "name": "f", "arguments": "{}"}]}""", "input[0].call_id", "missing_required_parameter")]
    [InlineData("""{"input": [{"type": "function_call", "call_id": "", "name": "f", "arguments": "{}"}]}""", "input[0].call_id", "invalid_value")]
    [InlineData("""{"input": [{"type": "function_call", "call_id": "a", "name": "", "arguments": "{}"}]}""", "input[0].name", "invalid_value")]
    [InlineData("""{"input": [{"type": "function_call", "call_id": "a", "name": "f", "arguments": "{"}]}""", "input[0].arguments", "invalid_value")]
    [InlineData("""{"input": [{"type": "function_call", "call_id": "a", "name": "f", "arguments": "{\"x\": \"\\ud800\"}"}]}""", "input[0].arguments", "invalid_value")]
    [InlineData("""{"input": [{"type": "function_call", "call_id": "a", "name": "f", "arguments": "[]"}]}""", "input[0].arguments", "invalid_type")]
    [InlineData("""{"input": [{"type": "function_call", "call_id": "a", "name": "f", "arguments": "{}"}]}""", "input", "invalid_value")]
    [InlineData("""{"input": [{"type": "function_call", "call_id": "a", "name": "f", "arguments": "{}"}, {"type": "function_call", "call_id": "a", "name": "f", "arguments": "{}"}]}""", "input[1].call_id", "invalid_value")]
    [InlineData("""{"input": [{"type": "function_call_output", "call_id": "a", "output": "x"}]}""", "input[0].call_id", "invalid_value")]
    [InlineData("""{"input": [{"type": "function_call", "call_id": "a", "name": "f", "arguments": "{}"}, {"type": "function_call_output", "call_id": "a", "output": 1}]}""", "input[1].output", "invalid_type")]
    [InlineData("""{"input": "a", "metadata": {"a": null}}""", "metadata", "invalid_type")]
    [InlineData("""{"input": [{"type": "function_call", "call_id": "a", "name": "f", "arguments": "{\"\\ud800\": 1}"}]}""", "input[0].arguments", "invalid_value")]
    [InlineData("""{"input": [{"type": "item_reference", "id": "msg_1"}]}""", "input[0].id", "item_not_found")]
    public async Task Post_InputThatIsNotValid_IsNamed(string body, string param, string code) =>
        (await storyteller.Server.RefuseAsync(Path, body)).Should()
            .BeEquivalentTo(new { Status = HttpStatusCode.BadRequest, Type = "invalid_request_error", Param = param, Code = code });

    [Theory]
    [InlineData("/v1/responses/resp_1", "response_id", "response_not_found", 404)]
    [InlineData("/v1/responses/resp_1/input_items", "response_id", "response_not_found", 404)]
    [InlineData("/v1/responses/resp_1/cancel", null, "unknown_url", 404)]
    [InlineData("/v1/responses/resp_1?stream=true", "stream", "unsupported_value", 400)]
    public async Task Get_AddressThatIsNotValid_IsRefused(string path, string? param, string code, int status) =>
        (await storyteller.Server.RefuseAsync(HttpMethod.Get, path)).Should()
            .BeEquivalentTo(new { Status = (HttpStatusCode)status, Type = "invalid_request_error", Param = param, Code = code });

    [Theory]
    [InlineData("limit=0", "limit", "out_of_range")]
    [InlineData("limit=101", "limit", "out_of_range")]
    [InlineData("limit=x", "limit", "out_of_range")]
    [InlineData("order=up", "order", "unsupported_value")]
    [InlineData("order=asc&order=desc", "order", "invalid_value")]
    [InlineData("after=x", "after", "invalid_value")]
    public async Task ListInput_ParameterThatIsNotValid_IsNamed(string query, string param, string code)
    {
        string id = (await storyteller.Server.AskAsync(Path, """{"input": "a", "max_output_tokens": 1}""")).GetProperty("id").GetString()!;

        (await storyteller.Server.RefuseAsync(HttpMethod.Get, $"{Path}/{id}/input_items?{query}")).Should()
            .BeEquivalentTo(new { Status = HttpStatusCode.BadRequest, Type = "invalid_request_error", Param = param, Code = code });
    }

    [Fact]
    public async Task Post_PromptLongerThanTheContext_IsRefused() =>
        (await storyteller.Server.RefuseAsync(Path, $$"""{"input": "{{string.Concat(Enumerable.Repeat("cow ", 20_000))}}", "stream": true}""")).Should()
            .BeEquivalentTo(new { Status = HttpStatusCode.BadRequest, Param = "input", Code = "context_length_exceeded" });

    [Fact]
    public async Task Post_ServerThatStoresNothing_AnswersAndRefusesToStore()
    {
        using var script = new ScriptedModel(s_tokenizer, "Yes.");
        await using LocalServer server = await LocalServer.StartAsync(script, new LlamaServerOptions { MaxStoredResponseCount = 0 });

        JsonElement response = await server.AskAsync(Path, """{"input": "a"}""");

        response.GetProperty("store").GetBoolean().Should().BeFalse();
        (await server.RefuseAsync(HttpMethod.Get, $"{Path}/{response.GetProperty("id").GetString()}")).Code.Should().Be("response_not_found");
        (await server.RefuseAsync(Path, """{"input": "a", "store": true}""")).Should().BeEquivalentTo(new { Status = HttpStatusCode.BadRequest, Param = "store", Code = "unsupported_value" });
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Post_ModelFailsBeforeTheFirstToken_HasTheStatusOfTheFault(bool streams)
    {
        await using LocalServer server = await LocalServer.StartAsync(new FaultyModel(new ScriptedModel(s_tokenizer), 0, () => new LlamaBusyException(1024)));

        using HttpResponseMessage response = await server.PostAsync(Path, $$"""{"input": "{{Secret}}", "stream": {{(streams ? "true" : "false")}}}""");

        (await Refusal.ReadAsync(response)).Should().BeEquivalentTo(new { Status = HttpStatusCode.TooManyRequests, Type = "requests", Param = (string?)null, Code = "rate_limit_exceeded" });
        response.Headers.RetryAfter!.Delta.Should().NotBeNull();
    }

    [Fact]
    public async Task Stream_FaultAfterTheFirstToken_EndsWithAFailedResponse()
    {
        await using LocalServer server = await LocalServer.StartAsync(new FaultyModel(new ScriptedModel(s_tokenizer), 3, () => new InvalidDataException(Secret)));

        (string Name, JsonElement Data)[] events = await server.StreamNamedAsync(Path, """{"input": "Well?", "stream": true}""");

        events[^2].Name.Should().Be("error");
        events[^2].Data.GetProperty("code").GetString().Should().Be("internal_error");
        events[^1].Name.Should().Be("response.failed");
        events.Select(item => item.Data.GetProperty("sequence_number").GetInt32()).Should().Equal(Enumerable.Range(0, events.Length));
        JsonElement failed = events[^1].Data.GetProperty("response");
        failed.GetProperty("status").GetString().Should().Be("failed");
        failed.GetProperty("error").GetProperty("code").GetString().Should().Be("internal_error");
        failed.GetProperty("error").GetProperty("message").GetString().Should().NotContain(Secret);
        (await server.RefuseAsync(HttpMethod.Get, $"{Path}/{failed.GetProperty("id").GetString()}")).Code.Should().Be("response_not_found");
        server.Log.Entries.Should().Contain(entry => entry.Level == LogLevel.Error).And.NotContain(entry => entry.Message.Contains(Secret));
    }

    [Fact]
    public async Task Stream_ServerStops_EndsWithAFailedResponse()
    {
        await using LocalServer server = await LocalServer.StartAsync(new EndlessModel(new ScriptedModel(s_tokenizer)), new LlamaServerOptions { ShutdownGrace = TimeSpan.Zero });
        using HttpResponseMessage response = await server.PostAsync(Path, """{"input": "Well?", "stream": true}""");
        Task<string> reading = response.Content.ReadAsStringAsync();

        await server.StopAsync();

        JsonElement failed = LocalServer.ReadNamed(await reading)[^1].Data.GetProperty("response");
        failed.GetProperty("error").GetProperty("code").GetString().Should().Be("server_shutting_down");
    }

    [Fact]
    public async Task Stream_ClientDisconnects_EndsTheGenerationAndStoresNothing()
    {
        var model = new EndlessModel(new ScriptedModel(s_tokenizer));
        await using LocalServer server = await LocalServer.StartAsync(model);

        using (HttpResponseMessage response = await server.PostAsync(Path, """{"input": "Well?", "stream": true}"""))
        {
            await using Stream stream = await response.Content.ReadAsStreamAsync();
            (await stream.ReadAsync(new byte[16])).Should().BePositive();
        }

        await model.Ended.WaitAsync(TimeSpan.FromSeconds(60));
        server.Log.Entries.Should().NotContain(entry => entry.Level >= LogLevel.Error);
    }
}
