using System.Text.Json;
using Llama2.Extensions.Tests;
using Llama2.Tests;
using static Llama2.Extensions.Tests.ToolTexts;

namespace Llama2.Server.Tests.Anthropic;

public sealed class MessagesTests(Storyteller storyteller) : IClassFixture<Storyteller>
{
    internal const string Path = "/v1/messages";
    private const string Tool = """{"name": "get_temperature", "description": "The temperature", "input_schema": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}}""";
    private static readonly ModelTokenizer s_tokenizer = ModelTokenizer.Load(DemonstrationModel.Path);

    [Fact]
    public async Task Post_Question_HasTheAnswerAndEveryFieldOfTheProtocol()
    {
        JsonElement answer = await storyteller.Server.AskAsync(Path, Ask("\"temperature\": 0"));

        answer.EnumerateObject().Select(property => property.Name).Should()
            .BeEquivalentTo(["id", "type", "role", "model", "content", "stop_reason", "stop_sequence", "usage"]);
        answer.GetProperty("id").GetString().Should().StartWith("msg_");
        (answer.GetProperty("type").GetString(), answer.GetProperty("role").GetString(), answer.GetProperty("model").GetString())
            .Should().Be(("message", "assistant", Storyteller.Name));
        answer.GetProperty("content").GetRawText().Should().Be($$"""[{"type":"text","text":"{{Storyteller.Answer}}"}]""");
        answer.GetProperty("stop_reason").GetString().Should().Be("end_turn");
        answer.GetProperty("stop_sequence").ValueKind.Should().Be(JsonValueKind.Null);
        JsonElement usage = answer.GetProperty("usage");
        usage.GetProperty("output_tokens").GetInt32().Should().BePositive();
        usage.GetProperty("cache_creation_input_tokens").GetInt32().Should().Be(0);
    }

    [Fact]
    public async Task Post_SamePromptAgain_CountsCachedTokensApart()
    {
        string request = """{"messages": [{"role": "user", "content": "Where does a fox live, and why does it live there?"}], "max_tokens": 1}""";
        JsonElement first = (await storyteller.Server.AskAsync(Path, request)).GetProperty("usage");

        JsonElement second = (await storyteller.Server.AskAsync(Path, request)).GetProperty("usage");

        second.GetProperty("input_tokens").GetInt32().Should().Be(1);
        second.GetProperty("cache_read_input_tokens").GetInt32().Should().Be(PromptTokens(first) - 1);
    }

    [Fact]
    public async Task Stream_Question_HasTheEventsOfTheProtocolInTheirOrder()
    {
        MessageEvents events = await MessageEvents.ReadAsync(storyteller.Server, Ask("\"temperature\": 0, \"stream\": true"));

        events.Types.Distinct().Should().Equal("message_start", "content_block_start", "content_block_delta", "content_block_stop", "message_delta", "message_stop");
        events.Types.Where(type => type != "content_block_delta").Should().OnlyHaveUniqueItems();
        events.Text.Should().Be(Storyteller.Answer);
        JsonElement message = events.All[0].GetProperty("message");
        message.GetProperty("id").GetString().Should().StartWith("msg_");
        message.GetProperty("content").GetArrayLength().Should().Be(0);
        message.GetProperty("stop_reason").ValueKind.Should().Be(JsonValueKind.Null);
        events.Blocks.Single().GetRawText().Should().Be("""{"type":"text","text":""}""");
        events.All[^2].GetProperty("delta").GetRawText().Should().Be("""{"stop_reason":"end_turn","stop_sequence":null}""");
        // The first event counts all tokens of the prompt; which of them were known is reported at the end.
        PromptTokens(events.All[^2].GetProperty("usage")).Should().Be(PromptTokens(message.GetProperty("usage"))).And.BePositive();
        events.All[^2].GetProperty("usage").GetProperty("output_tokens").GetInt32().Should().BePositive();
    }

    [Fact]
    public async Task Post_LimitOfTokens_EndsTheAnswer()
    {
        JsonElement answer = await storyteller.Server.AskAsync(Path, Ask("\"temperature\": 0", maxTokens: 2));

        answer.GetProperty("stop_reason").GetString().Should().Be("max_tokens");
        answer.GetProperty("usage").GetProperty("output_tokens").GetInt32().Should().Be(2);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Post_StopSequence_EndsTheAnswerAndIsNamed(bool streams)
    {
        string fields = "\"stop_sequences\": [\"zebra\", \"says\"], \"temperature\": 0";
        (string text, JsonElement end) = streams
            ? await StreamAsync(storyteller.Server, Ask(fields + ", \"stream\": true"))
            : await AnswerAsync(storyteller.Server, Ask(fields));

        text.Should().Be("The cow ");
        (end.GetProperty("stop_reason").GetString(), end.GetProperty("stop_sequence").GetString()).Should().Be(("stop_sequence", "says"));
    }

    [Fact]
    public async Task Post_ContextFull_IsTheReasonOfTheEnd()
    {
        using var model = LlamaModel.Load(DemonstrationModel.Path, new LlamaModelOptions { ContextLength = 24 });
        await using LocalServer server = await LocalServer.StartAsync(model, new LlamaServerOptions { Generation = new GenerationOptions { IgnoreEndOfSequence = true } });

        JsonElement answer = await server.AskAsync(Path, Ask("\"temperature\": 0"));

        answer.GetProperty("stop_reason").GetString().Should().Be("model_context_window_exceeded");
    }

    [Fact]
    public async Task Post_AssistantsMessageAtTheEnd_IsContinued()
    {
        JsonElement answer = await storyteller.Server.AskAsync(
            Path, $$"""{"messages": [{"role": "user", "content": "{{Storyteller.Question}}"}, {"role": "assistant", "content": "The cow says"}], "temperature": 0, "max_tokens": 20}""");

        TextOf(answer).Trim().Should().Be("moo.");
    }

    [Theory]
    [InlineData("\"Be brief.\"")]
    [InlineData("[{\"type\": \"text\", \"text\": \"Be brief.\", \"cache_control\": {\"type\": \"ephemeral\", \"ttl\": \"1h\"}}, {\"type\": \"text\", \"text\": \"\"}]")]
    public async Task Post_SystemAndBlocks_AreText(string system)
    {
        using var script = new PromptRecorder(new UnitTesting.ScriptedModel(s_tokenizer, "Yes."));
        await using LocalServer server = await LocalServer.StartAsync(script);

        await server.AskAsync(Path, $$"""
            {"system": {{system}}, "max_tokens": 9, "messages": [
              {"role": "user", "content": [{"type": "text", "text": "Do cows ", "cache_control": {"type": "ephemeral"} }, {"type": "text", "text": "moo?", "citations": null}]},
              {"role": "assistant", "content": []}, {"role": "user", "content": "Well?"}]}
            """);

        s_tokenizer.Decode(script.Prompts.Single()).Should().Contain("Be brief.").And.Contain("Do cows moo?").And.Contain("Well?");
    }

    [Fact]
    public async Task Post_SystemOfSeveralBlocks_HasBlankLinesBetweenThem()
    {
        using var script = new PromptRecorder(new UnitTesting.ScriptedModel(s_tokenizer, "Yes."));
        await using LocalServer server = await LocalServer.StartAsync(script);

        await server.AskAsync(Path, Ask("\"system\": [{\"type\": \"text\", \"text\": \"Be brief.\"}, {\"type\": \"text\", \"text\": \"Be kind.\"}]"));

        s_tokenizer.Decode(script.Prompts.Single()).Should().Contain("Be brief.\n\nBe kind.");
    }

    // Claude Code sends its requests in this form.
    [Fact]
    public async Task Post_SystemMessagesWithinTheConversation_AreRead()
    {
        using var script = new PromptRecorder(new UnitTesting.ScriptedModel(s_tokenizer, "Yes."));
        await using LocalServer server = await LocalServer.StartAsync(script);

        await server.AskAsync(Path + "?beta=true", $$$"""
            {"system": [{"type": "text", "text": "Be brief."}, {"type": "text", "text": "Be kind.", "cache_control": {"type": "ephemeral"}}], "max_tokens": 32000,
             "messages": [{"role": "user", "content": [{"type": "text", "text": "Do cows moo?", "cache_control": {"type": "ephemeral"}}]},
              {"role": "system", "content": "The barn is open."}, {"role": "system", "content": [{"type": "text", "text": "The sun shines."}]}],
             "tools": [{{{Tool}}}], "metadata": {"user_id": "{\"session_id\":\"a\"}"}, "output_config": {"effort": "high"}}
            """);

        s_tokenizer.Decode(script.Prompts.Single()).Should()
            .Contain("Be kind.").And.Contain("Do cows moo?").And.Contain("The barn is open.").And.Contain("The sun shines.").And.Contain("get_temperature");
    }

    [Fact]
    public async Task Post_SamplingFields_ReachTheModel()
    {
        using var script = new PromptRecorder(new UnitTesting.ScriptedModel(s_tokenizer, "Yes."));
        await using LocalServer server = await LocalServer.StartAsync(script, new LlamaServerOptions { Generation = new GenerationOptions { MinP = 0.125f, LogProbabilities = true } });

        await server.AskAsync(Path, """
            {"messages": [{"role": "user", "content": "Well?"}], "temperature": 0.75, "top_p": 0.25, "top_k": 7, "stop_sequences": ["a", "b"], "max_tokens": 9,
             "metadata": {"user_id": "u"}, "service_tier": "standard_only", "thinking": {"type": "disabled"}, "speed": "standard", "cache_control": {"type": "ephemeral"},
             "stream": false, "container": null, "output_config": {"effort": "high"}}
            """);

        GenerationOptions options = script.Options.Single();
        (options.Temperature, options.TopP, options.TopK, options.MaxTokens, options.MinP, options.LogProbabilities).Should().Be((0.75f, 0.25f, 7, 9, 0.125f, false));
        options.StopSequences.Should().Equal("a", "b");
    }

    [Theory]
    [InlineData("{\"type\": \"any\", \"disable_parallel_tool_use\": true}")]
    [InlineData("{\"type\": \"tool\", \"name\": \"get_temperature\", \"disable_parallel_tool_use\": true}")]
    public async Task Post_RequiredTool_IsCalledByAnyModel(string choice)
    {
        JsonElement answer = await storyteller.Server.AskAsync(Path, Ask($"\"tools\": [{Tool}], \"tool_choice\": {choice}", maxTokens: 100));

        answer.GetProperty("stop_reason").GetString().Should().Be("tool_use");
        JsonElement call = answer.GetProperty("content").EnumerateArray().Should().ContainSingle().Subject;
        (call.GetProperty("type").GetString(), call.GetProperty("name").GetString()).Should().Be(("tool_use", "get_temperature"));
        call.GetProperty("id").GetString().Should().MatchRegex("^toolu_[0-9a-f]{32}$");
        call.GetProperty("input").GetProperty("city").ValueKind.Should().Be(JsonValueKind.String);
        call.GetProperty("caller").GetRawText().Should().Be("""{"type":"direct"}""");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Post_CallsAndResults_GoToTheClientAndBack(bool streams)
    {
        var script = new ConstrainedScript(s_tokenizer, "Wait. " + Call("get_temperature", """{"city": "Oslo"}""") + "\n" + Call("get_temperature", """{"city": "Rome"}"""), "Oslo has 4 degrees.");
        await using LocalServer server = await LocalServer.StartAsync(script);
        string question = """{"role": "user", "content": "Is it colder in Oslo or in Rome?"}""", tools = $"\"tools\": [{Tool}], \"max_tokens\": 200";

        JsonElement[] calls;
        if (streams)
        {
            MessageEvents events = await MessageEvents.ReadAsync(server, $$"""{"messages": [{{question}}], {{tools}}, "stream": true}""");
            events.All[^2].GetProperty("delta").GetProperty("stop_reason").GetString().Should().Be("tool_use");
            events.Text.Should().StartWith("Wait.");
            events.Blocks.Select(block => block.GetProperty("type").GetString()).Should().Equal("text", "tool_use", "tool_use");
            events.Blocks.Skip(1).Should().OnlyContain(block => block.GetProperty("input").GetRawText() == "{}");
            events.All.Where(item => item.TryGetProperty("index", out _)).Select(item => item.GetProperty("index").GetInt32()).Should().BeInAscendingOrder();
            events.Deltas("input_json_delta").Select(delta => JsonElement.Parse(delta.GetProperty("partial_json").GetString()!).GetProperty("city").GetString()).Should().Equal("Oslo", "Rome");
            calls = events.Blocks[1..];
        }
        else
        {
            JsonElement asking = await server.AskAsync(Path, $$"""{"messages": [{{question}}], {{tools}}}""");
            asking.GetProperty("stop_reason").GetString().Should().Be("tool_use");
            TextOf(asking).Should().StartWith("Wait.");
            calls = [.. asking.GetProperty("content").EnumerateArray().Skip(1)];
            calls.Select(call => call.GetProperty("input").GetProperty("city").GetString()).Should().Equal("Oslo", "Rome");
        }

        calls.Select(call => call.GetProperty("id").GetString()).Should().OnlyHaveUniqueItems().And.HaveCount(2);
        string first = calls[0].GetProperty("id").GetString()!, second = calls[1].GetProperty("id").GetString()!;
        JsonElement answer = await server.AskAsync(Path, $$$"""
            {"messages": [{{{question}}}, {"role": "assistant", "content": [{"type": "text", "text": "Wait.", "citations": []},
              {"type": "tool_use", "id": "{{{first}}}", "name": "get_temperature", "input": {"city": "Oslo"}, "caller": {"type": "direct"}},
              {"type": "tool_use", "id": "{{{second}}}", "name": "get_temperature", "input": {}, "cache_control": {"type": "ephemeral"}}]},
             {"role": "user", "content": [{"type": "tool_result", "tool_use_id": "{{{first}}}", "content": "4 degrees"},
              {"type": "tool_result", "tool_use_id": "{{{second}}}", "content": [{"type": "text", "text": "no such city"}], "is_error": true},
              {"type": "text", "text": "And now?"}]}], {{{tools}}}}
            """);

        TextOf(answer).Should().Be("Oslo has 4 degrees.");
        script.Prompts[1].Should().Contain("4 degrees").And.Contain("Error: no such city").And.Contain("And now?");
    }

    [Fact]
    public async Task Post_ResultWithoutContent_IsEmpty()
    {
        var script = new ConstrainedScript(s_tokenizer, "Done.");
        await using LocalServer server = await LocalServer.StartAsync(script);

        JsonElement answer = await server.AskAsync(Path, $$"""
            {"messages": [{"role": "user", "content": "Go."}, {"role": "assistant", "content": [{"type": "tool_use", "id": "a", "name": "get_temperature", "input": {"city": "Oslo"} }]},
              {"role": "user", "content": [{"type": "tool_result", "tool_use_id": "a"}]}], "tools": [{{Tool}}], "max_tokens": 9}
            """);

        TextOf(answer).Should().Be("Done.");
        script.Prompts.Single().Should().Contain("\"content\": \"\"");
    }

    [Fact]
    public async Task Post_ToolChoiceNone_DoesNotMentionTheTools()
    {
        var script = new ConstrainedScript(s_tokenizer, "Yes.");
        await using LocalServer server = await LocalServer.StartAsync(script);

        await server.AskAsync(Path, Ask($"\"tools\": [{Tool}], \"tool_choice\": {{\"type\": \"none\"}}"));

        script.Prompts.Single().Should().NotContain("get_temperature");
    }

    [Fact]
    public async Task Post_OutputConfigWithSchema_IsKept()
    {
        JsonElement answer = await storyteller.Server.AskAsync(Path, Ask("""
            "output_config": {"format": {"type": "json_schema", "schema":
              {"type": "object", "properties": {"sound": {"enum": ["moo", "baa"]}}, "required": ["sound"], "additionalProperties": false}}}
            """, maxTokens: 60));

        JsonElement.Parse(TextOf(answer)).GetProperty("sound").GetString().Should().BeOneOf("moo", "baa");
    }

    [Fact]
    public async Task Post_ModelThatWritesNothing_HasNoBlocks()
    {
        await using LocalServer server = await LocalServer.StartAsync(new ConstrainedScript(s_tokenizer, "", ""));

        JsonElement answer = await server.AskAsync(Path, Ask("\"top_k\": 1"));
        MessageEvents events = await MessageEvents.ReadAsync(server, Ask("\"stream\": true"));

        answer.GetProperty("content").GetArrayLength().Should().Be(0);
        events.Types.Should().Equal("message_start", "message_delta", "message_stop");
    }

    [Fact]
    public async Task Post_PrefixScope_IsThatOfTheOptions()
    {
        using var script = new PromptRecorder(new UnitTesting.ScriptedModel(s_tokenizer, "Yes."));
        await using LocalServer server = await LocalServer.StartAsync(script, new LlamaServerOptions { PrefixScope = context => $"scope of {context.Request.Path}" });

        await server.AskAsync(Path, Ask("\"top_k\": 1"));

        script.Options.Single().PrefixScope.Should().Be("scope of /v1/messages");
    }

    internal static string Ask(string fields, int maxTokens = 40) =>
        $$"""{"messages": [{"role": "user", "content": "{{Storyteller.Question}}"}], "max_tokens": {{maxTokens}}, {{fields}} }""";

    internal static int PromptTokens(JsonElement usage) =>
        usage.GetProperty("input_tokens").GetInt32() + usage.GetProperty("cache_read_input_tokens").GetInt32() + usage.GetProperty("cache_creation_input_tokens").GetInt32();

    private static string TextOf(JsonElement answer) => answer.GetProperty("content")[0].GetProperty("text").GetString()!;

    private static async Task<(string Text, JsonElement End)> AnswerAsync(LocalServer server, string json)
    {
        JsonElement answer = await server.AskAsync(Path, json);
        return (TextOf(answer), answer);
    }

    private static async Task<(string Text, JsonElement End)> StreamAsync(LocalServer server, string json)
    {
        MessageEvents events = await MessageEvents.ReadAsync(server, json);
        return (events.Text, events.All[^2].GetProperty("delta"));
    }
}
