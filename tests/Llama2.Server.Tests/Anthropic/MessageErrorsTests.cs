using System.Net;
using System.Text;
using Llama2.Tests;
using Microsoft.Extensions.Logging;
using UnitTesting;

namespace Llama2.Server.Tests.Anthropic;

/// <summary>Each documented error has its status and its type, and names the field.</summary>
public sealed class MessageErrorsTests(Storyteller storyteller) : IClassFixture<Storyteller>
{
    private const string Path = MessagesTests.Path;
    private const string Secret = "the secret word is xylophone";
    private static readonly ModelTokenizer s_tokenizer = ModelTokenizer.Load(DemonstrationModel.Path);

    [Theory]
    // Values of the wrong type.
    [InlineData("\"model\": 1", "model")]
    [InlineData("\"system\": 1", "system")]
    [InlineData("\"system\": [\"a\"]", "system[0]")]
    [InlineData("\"temperature\": \"hot\"", "temperature")]
    [InlineData("\"top_p\": [1]", "top_p")]
    [InlineData("\"top_k\": \"1\"", "top_k")]
    [InlineData("\"stop_sequences\": \"a\"", "stop_sequences")]
    [InlineData("\"stop_sequences\": [1]", "stop_sequences[0]")]
    [InlineData("\"stream\": \"yes\"", "stream")]
    [InlineData("\"metadata\": \"a\"", "metadata")]
    [InlineData("\"metadata\": {\"user_id\": 1}", "metadata.user_id")]
    [InlineData("\"thinking\": true", "thinking")]
    [InlineData("\"tools\": {}", "tools")]
    [InlineData("\"tools\": [{\"name\": 1, \"input_schema\": {}}]", "tools[0].name")]
    [InlineData("\"tools\": [{\"name\": \"a\", \"input_schema\": []}]", "tools[0].input_schema")]
    [InlineData("\"tool_choice\": \"auto\"", "tool_choice")]
    [InlineData("\"output_config\": {\"format\": {\"type\": \"json_schema\", \"schema\": 1}}", "output_config.format.schema")]
    // Numbers out of range.
    [InlineData("\"temperature\": 1.1", "temperature")]
    [InlineData("\"top_p\": -0.1", "top_p")]
    [InlineData("\"top_k\": -1", "top_k")]
    [InlineData("\"top_k\": 0.5", "top_k")]
    // Values that make no sense.
    [InlineData("\"stop_sequences\": [\"\"]", "stop_sequences[0]")]
    [InlineData("\"tool_choice\": {\"type\": \"any\"}", "tool_choice")]
    [InlineData("\"tools\": [{\"name\": \"a b\", \"input_schema\": {}}]", "tools[0].name")]
    [InlineData("\"tools\": [{\"name\": \"a\", \"input_schema\": {}}, {\"name\": \"a\", \"input_schema\": {}}]", "tools[1].name")]
    [InlineData("\"tools\": [{\"name\": \"a\", \"input_schema\": {}}], \"tool_choice\": {\"type\": \"tool\", \"name\": \"b\"}", "tool_choice.name")]
    [InlineData("\"tools\": [{\"name\": \"a\", \"input_schema\": {\"type\": \"string\"}}]", "tools[0].input_schema")]
    [InlineData("\"output_config\": {\"format\": {\"type\": \"json_schema\", \"schema\": {\"type\": \"nonsense\"}}}", "output_config.format.schema")]
    [InlineData("\"output_config\": {\"format\": {\"type\": \"json_schema\", \"schema\": {\"title\": \"\\ud800\"}}}", "output_config.format.schema")]
    [InlineData("\"tools\": [{\"name\": \"a\", \"input_schema\": {\"title\": \"\\ud800\"}}]", "tools[0].input_schema")]
    // What the server does not support.
    [InlineData("\"thinking\": {\"type\": \"enabled\", \"budget_tokens\": 1024}", "thinking.type")]
    [InlineData("\"thinking\": {\"type\": \"adaptive\"}", "thinking.type")]
    [InlineData("\"service_tier\": \"priority\"", "service_tier")]
    [InlineData("\"speed\": \"fast\"", "speed")]
    [InlineData("\"cache_control\": {\"type\": \"lasting\"}", "cache_control.type")]
    [InlineData("\"output_config\": {\"effort\": \"low\"}", "output_config.effort")]
    [InlineData("\"tool_choice\": {\"type\": \"some\"}", "tool_choice.type")]
    [InlineData("\"tools\": [{\"type\": \"web_search_20250305\", \"name\": \"web_search\"}]", "tools[0].type")]
    [InlineData("\"tools\": [{\"name\": \"a\", \"input_schema\": {}, \"defer_loading\": true}]", "tools[0].defer_loading")]
    [InlineData("\"tools\": [{\"name\": \"a\", \"input_schema\": {}, \"allowed_callers\": [\"code_execution_20250825\"]}]", "tools[0].allowed_callers[0]")]
    [InlineData("\"tools\": [{\"name\": \"a\", \"input_schema\": {}, \"input_examples\": []}]", "tools[0].input_examples")]
    [InlineData("\"container\": \"a\"", "container")]
    [InlineData("\"context_management\": {}", "context_management")]
    [InlineData("\"mcp_servers\": []", "mcp_servers")]
    // What nobody knows.
    [InlineData("\"n\": 1", "n")]
    [InlineData("\"metadata\": {\"a\": \"b\"}", "metadata.a")]
    [InlineData("\"tools\": [{\"name\": \"a\"}]", "tools[0].input_schema")]
    [InlineData("\"tools\": [{\"name\": \"a\", \"input_schema\": {}, \"parameters\": {}}]", "tools[0].parameters")]
    public async Task Post_FieldThatIsNotValid_IsNamed(string field, string param)
    {
        MessageRefusal refusal = await MessageRefusal.PostAsync(
            storyteller.Server, Path, $$"""{"messages": [{"role": "user", "content": "{{Secret}}"}], "max_tokens": 9, {{field}} }""");

        refusal.Should().BeEquivalentTo(new { Status = HttpStatusCode.BadRequest, Type = "invalid_request_error" });
        MessageRefusal.FieldOf(refusal).Should().Be(param);
        refusal.Message.Should().NotContain(Secret);
    }

    [Theory]
    [InlineData("\"tools\": [{\"name\": \"a\", \"input_schema\": {\"properties\": {\"x\": {\"type\": \"nonsense\"}}}}], \"max_tokens\": 9", "tools: ")]
    [InlineData("\"output_config\": {\"format\": {\"type\": \"json_schema\", \"schema\": {\"type\": \"string\", \"minLength\": 50}}}, \"max_tokens\": 2", "'max_tokens' is too low")]
    public async Task Post_ConstraintThatCannotBeKept_SaysWhy(string fields, string expected)
    {
        MessageRefusal refusal = await MessageRefusal.PostAsync(storyteller.Server, Path, $$"""{"messages": [{"role": "user", "content": "a"}], {{fields}} }""");

        refusal.Should().BeEquivalentTo(new { Status = HttpStatusCode.BadRequest, Type = "invalid_request_error" });
        refusal.Message.Should().Contain(expected);
    }

    [Theory]
    [InlineData("""{"max_tokens": 9}""", "messages")]
    [InlineData("""{"messages": [{"role": "user", "content": "a"}]}""", "max_tokens")]
    [InlineData("""{"messages": [{"role": "user", "content": "a"}], "max_tokens": 0}""", "max_tokens")]
    [InlineData("""{"messages": [], "max_tokens": 9}""", "messages")]
    [InlineData("""{"messages": [{"role": "tool", "content": "a"}], "max_tokens": 9}""", "messages[0].role")]
    [InlineData("""{"messages": [{"role": "user"}], "max_tokens": 9}""", "messages[0].content")]
    [InlineData("""{"messages": [{"role": "user", "content": 1}], "max_tokens": 9}""", "messages[0].content")]
    [InlineData("""{"messages": [{"role": "user", "content": []}], "max_tokens": 9}""", "messages[0].content")]
    [InlineData("""{"messages": [{"role": "user", "content": "\udc00"}], "max_tokens": 9}""", "messages[0].content")]
    [InlineData("""{"messages": [{"role": "user", "content": "a", "name": "b"}], "max_tokens": 9}""", "messages[0].name")]
    [InlineData("""{"messages": [{"role": "user", "content": [{"type": "image", "source": {}}]}], "max_tokens": 9}""", "messages[0].content[0].type")]
    [InlineData("""{"messages": [{"role": "user", "content": "a"}, {"role": "system", "content": [{"type": "tool_result", "tool_use_id": "a"}]}], "max_tokens": 9}""", "messages[1].content[0].type")]
    [InlineData("""{"messages": [{"role": "user", "content": [{"type": "document", "source": {}}]}], "max_tokens": 9}""", "messages[0].content[0].type")]
    [InlineData("""{"messages": [{"role": "user", "content": [{"type": "tool_use", "id": "a", "name": "b", "input": {}}]}], "max_tokens": 9}""", "messages[0].content[0].type")]
    [InlineData("""{"messages": [{"role": "user", "content": [{"type": "text"}]}], "max_tokens": 9}""", "messages[0].content[0].text")]
    [InlineData("""{"messages": [{"role": "user", "content": [{"type": "text", "text": "a", "citations": [{}]}]}], "max_tokens": 9}""", "messages[0].content[0].citations")]
    [InlineData("""{"messages": [{"role": "user", "content": [{"type": "tool_result", "tool_use_id": "a"}]}], "max_tokens": 9}""", "messages[0].content[0].tool_use_id")]
    [InlineData("""{"messages": [{"role": "assistant", "content": [{"type": "thinking", "thinking": "a", "signature": "b"}]}], "max_tokens": 9}""", "messages[0].content[0].type")]
    [InlineData("""{"messages": [{"role": "assistant", "content": [{"type": "tool_use", "id": "a", "name": "b", "input": "{}"}]}], "max_tokens": 9}""", "messages[0].content[0].input")]
    [InlineData("""{"messages": [{"role": "assistant", "content": [{"type": "tool_use", "id": "a", "name": "b", "input": {"x": ["\ud800"]}}]}], "max_tokens": 9}""", "messages[0].content[0].input")]
    [InlineData("""{"messages": [{"role": "assistant", "content": [{"type": "tool_use", "id": "a", "name": "", "input": {}}]}], "max_tokens": 9}""", "messages[0].content[0].name")]
    [InlineData("""{"messages": [{"role": "assistant", "content": [{"type": "tool_use", "id": "a", "name": "b", "input": {}}]}], "max_tokens": 9}""", "messages[0].content")]
    [InlineData("""{"messages": [{"role": "assistant", "content": [{"type": "tool_use", "id": "a", "name": "b", "input": {}, "caller": {"type": "code"}}]}], "max_tokens": 9}""", "messages[0].content[0].caller.type")]
    [InlineData("""{"messages": [{"role": "assistant", "content": [{"type": "tool_use", "id": "a", "name": "b", "input": {}}]}, {"role": "user", "content": [{"type": "tool_result", "tool_use_id": "a", "content": [{"type": "image", "source": {}}]}]}], "max_tokens": 9}""", "messages[1].content[0].content[0].type")]
    public async Task Post_MessageThatIsNotValid_IsNamed(string body, string param)
    {
        MessageRefusal refusal = await MessageRefusal.PostAsync(storyteller.Server, Path, body);

        refusal.Should().BeEquivalentTo(new { Status = HttpStatusCode.BadRequest, Type = "invalid_request_error" });
        MessageRefusal.FieldOf(refusal).Should().Be(param);
    }

    [Theory]
    [InlineData(Path)]
    [InlineData(CountTokensTests.Path)]
    public async Task Post_BodyThatIsNotRead_HasAnErrorOfTheProtocol(string path)
    {
        (await MessageRefusal.PostAsync(storyteller.Server, path, "{")).Should().BeEquivalentTo(new { Status = HttpStatusCode.BadRequest, Type = "invalid_request_error" });

        using HttpResponseMessage large = await storyteller.Server.PostAsync(path, [.. "{\"system\": \""u8, .. Enumerable.Repeat((byte)'a', 10_000_000)]);
        (await MessageRefusal.ReadAsync(large)).Should().BeEquivalentTo(new { Status = HttpStatusCode.RequestEntityTooLarge, Type = "request_too_large" });

        using var text = new StringContent("{}", Encoding.UTF8, "text/plain");
        using HttpResponseMessage other = await storyteller.Server.Client.PostAsync(new Uri(path, UriKind.Relative), text);
        (await MessageRefusal.ReadAsync(other)).Should().BeEquivalentTo(new { Status = HttpStatusCode.UnsupportedMediaType, Type = "invalid_request_error" });
    }

    [Theory]
    [InlineData(Path)]
    [InlineData(CountTokensTests.Path)]
    public async Task Post_UnknownModel_IsNotFound(string path)
    {
        string limit = path == Path ? "\"max_tokens\": 9, " : "";

        MessageRefusal refusal = await MessageRefusal.PostAsync(storyteller.Server, path, $$"""{ {{limit}}"model": "claude", "messages": [{"role": "user", "content": "a"}]}""");

        refusal.Should().BeEquivalentTo(new { Status = HttpStatusCode.NotFound, Type = "not_found_error" });
        refusal.Message.Should().Contain("claude");
    }

    [Fact]
    public async Task Post_PromptLongerThanTheContext_IsRefused()
    {
        string text = string.Concat(Enumerable.Repeat("cow ", 20_000));

        MessageRefusal refusal = await MessageRefusal.PostAsync(
            storyteller.Server, Path, $$"""{"messages": [{"role": "user", "content": "{{text}}"}], "max_tokens": 9, "stream": true}""");

        refusal.Should().BeEquivalentTo(new { Status = HttpStatusCode.BadRequest, Type = "invalid_request_error" });
        refusal.Message.Should().StartWith("messages: The prompt has ");
    }

    [Theory]
    [InlineData(typeof(LlamaBusyException), 529, "overloaded_error", true)]
    [InlineData(typeof(LlamaMemoryException), 529, "overloaded_error", true)]
    [InlineData(typeof(ObjectDisposedException), 503, "api_error", false)]
    [InlineData(typeof(ReaderIdleException), 408, "invalid_request_error", false)]
    [InlineData(typeof(InvalidDataException), 500, "api_error", false)]
    public async Task Post_ModelFails_HasTheStatusOfTheFault(Type type, int status, string errorType, bool invitesRetry)
    {
        foreach (bool streams in (bool[])[false, true])
        {
            await using LocalServer server = await LocalServer.StartAsync(new FaultyModel(new ScriptedModel(s_tokenizer), 0, () => Create(type)));

            using HttpResponseMessage response = await server.PostAsync(
                Path, $$"""{"messages": [{"role": "user", "content": "{{Secret}}"}], "max_tokens": 9, "stream": {{(streams ? "true" : "false")}}}""");

            MessageRefusal refusal = await MessageRefusal.ReadAsync(response);
            refusal.Should().BeEquivalentTo(new { Status = (HttpStatusCode)status, Type = errorType });
            refusal.Message.Should().NotContain(Secret);
            (response.Headers.RetryAfter?.Delta is not null).Should().Be(invitesRetry);
            server.Log.Entries.Any(entry => entry.Level == LogLevel.Error).Should().Be(status == 500);
        }
    }

    [Theory]
    [InlineData(typeof(LlamaMemoryException), "overloaded_error")]
    [InlineData(typeof(InvalidDataException), "api_error")]
    public async Task Stream_FaultAfterTheFirstToken_IsTheLastEvent(Type type, string errorType)
    {
        await using LocalServer server = await LocalServer.StartAsync(new FaultyModel(new ScriptedModel(s_tokenizer), 3, () => Create(type)));

        using HttpResponseMessage response = await server.PostAsync(Path, """{"messages": [{"role": "user", "content": "Well?"}], "max_tokens": 9, "stream": true}""");

        MessageEvents events = MessageEvents.Parse(await response.Content.ReadAsStringAsync());
        events.Text.Should().Be("aaa");
        events.Types.Should().EndWith("error").And.NotContain("message_stop");
        MessageRefusal.Read(response, events.All[^1].GetRawText()).Type.Should().Be(errorType);
    }

    [Fact]
    public async Task Stream_ClientDisconnects_EndsTheGeneration()
    {
        var model = new EndlessModel(new ScriptedModel(s_tokenizer));
        await using LocalServer server = await LocalServer.StartAsync(model);

        using (HttpResponseMessage response = await server.PostAsync(Path, """{"messages": [{"role": "user", "content": "Well?"}], "max_tokens": 9, "stream": true}"""))
        {
            await using Stream stream = await response.Content.ReadAsStreamAsync();
            (await stream.ReadAsync(new byte[16])).Should().BePositive();
        }

        await model.Ended.WaitAsync(TimeSpan.FromSeconds(60));
        server.Log.Entries.Should().NotContain(entry => entry.Level >= LogLevel.Error);
    }

    [Fact]
    public async Task Post_Prompts_AreNotLogged()
    {
        await storyteller.Server.AskAsync(Path, $$"""{"messages": [{"role": "user", "content": "{{Secret}}"}], "system": "{{Secret}}", "max_tokens": 3, "metadata": {"user_id": "{{Secret}}"} }""");
        await MessageRefusal.PostAsync(storyteller.Server, Path, $$"""{"messages": [{"role": "user", "content": "{{Secret}}"}], "max_tokens": 3, "{{Secret}}": 1}""");

        storyteller.Server.Log.Entries.Should().NotBeEmpty().And.NotContain(entry => entry.Message.Contains(Secret) || (entry.Exception != null && entry.Exception.ToString().Contains(Secret)));
    }

    private static Exception Create(Type type) =>
        type == typeof(LlamaBusyException) ? new LlamaBusyException(1024)
        : type == typeof(LlamaMemoryException) ? new LlamaMemoryException(Secret, 2, 1)
        : type == typeof(ReaderIdleException) ? new ReaderIdleException(TimeSpan.FromMinutes(5))
        : (Exception)Activator.CreateInstance(type, Secret)!;
}
