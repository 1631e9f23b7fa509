using System.Text.Json;
using Llama2.Extensions.Tests;
using Llama2.Tests;
using static Llama2.Extensions.Tests.ToolTexts;

namespace Llama2.Server.Tests.Responses;

public sealed class ResponsesTests(Storyteller storyteller) : IClassFixture<Storyteller>
{
    private const string Path = "/v1/responses";
    private const string Tool = """{"type": "function", "name": "get_temperature", "description": "The temperature", "strict": true, "parameters": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}}""";
    private static readonly ModelTokenizer s_tokenizer = ModelTokenizer.Load(DemonstrationModel.Path);

    [Fact]
    public async Task Post_Question_HasTheAnswerAndEveryFieldOfTheProtocol()
    {
        JsonElement response = await storyteller.Server.AskAsync(Path, Ask("""
            "temperature": 0, "instructions": "Be brief.", "metadata": {"a": "b"}, "user": "u", "safety_identifier": "s", "prompt_cache_key": "k", "max_output_tokens": 50,
            "max_tool_calls": 3, "truncation": "disabled", "service_tier": "auto", "background": false, "reasoning": {"effort": "none", "summary": null}, "text": {"verbosity": "medium"},
            "include": ["reasoning.encrypted_content"], "conversation": null
            """));

        response.GetProperty("id").GetString().Should().MatchRegex("^resp_[0-9a-f]{48}$");
        DateTimeOffset.FromUnixTimeSeconds(response.GetProperty("created_at").GetInt64()).Should().BeCloseTo(DateTimeOffset.UtcNow, TimeSpan.FromMinutes(5));
        response.GetProperty("completed_at").GetInt64().Should().BeGreaterThanOrEqualTo(response.GetProperty("created_at").GetInt64());
        JsonElement item = response.GetProperty("output").EnumerateArray().Should().ContainSingle().Subject;
        item.GetProperty("id").GetString().Should().MatchRegex("^msg_[0-9a-f]{48}$");
        (item.GetProperty("type").GetString(), item.GetProperty("status").GetString(), item.GetProperty("role").GetString()).Should().Be(("message", "completed", "assistant"));
        item.GetProperty("content").GetRawText().Should().Be($$"""[{"type":"output_text","text":"{{TextOf(response)}}","annotations":[],"logprobs":[]}]""");
        TextOf(response).Should().NotBeEmpty();
        JsonElement usage = response.GetProperty("usage");
        usage.GetProperty("total_tokens").GetInt32().Should().Be(usage.GetProperty("input_tokens").GetInt32() + usage.GetProperty("output_tokens").GetInt32());
        usage.GetProperty("input_tokens_details").GetProperty("cached_tokens").GetInt32().Should().BeLessThan(usage.GetProperty("input_tokens").GetInt32());
        usage.GetProperty("output_tokens_details").GetProperty("reasoning_tokens").GetInt32().Should().Be(0);
        // The rest are the request's fields, or values that never change.
        string[] computed = ["id", "created_at", "completed_at", "output", "usage"];
        string fields = string.Join(",", response.EnumerateObject().Where(field => !computed.Contains(field.Name)).Select(field => $"\"{field.Name}\":{field.Value.GetRawText()}"));
        $"{{{fields}}}".Should().Be($$$"""
            {"object":"response","status":"completed","background":false,"error":null,"incomplete_details":null,"instructions":"Be brief.","max_output_tokens":50,"max_tool_calls":3,"model":"{{{Storyteller.Name}}}","parallel_tool_calls":true,"previous_response_id":null,"prompt_cache_key":"k","reasoning":{"effort":null,"summary":null},"safety_identifier":"s","service_tier":"default","store":true,"temperature":0,"text":{"format":{"type":"text"},"verbosity":"medium"},"tool_choice":"auto","tools":[],"top_logprobs":0,"top_p":0.95,"truncation":"disabled","user":"u","metadata":{"a":"b"}}
            """);
    }

    [Fact]
    public async Task Post_TextAndItems_AreAnsweredAsTheChatIs()
    {
        foreach (string input in (string[])[$"\"{Storyteller.Question}\"", $$"""[{"role": "user", "content": "{{Storyteller.Question}}"}]""",
            $$"""[{"type": "message", "id": "msg_1", "status": "completed", "role": "user", "content": [{"type": "input_text", "text": "What sound does "}, {"type": "input_text", "text": "a cow make?"}]}]"""])
        {
            TextOf(await storyteller.Server.AskAsync(Path, $$"""{"input": {{input}}, "temperature": 0}""")).Should().Be(Storyteller.Answer);
        }
    }

    [Fact]
    public async Task Post_FieldsOfTheGeneration_ReachTheModel()
    {
        using var script = new PromptRecorder(new UnitTesting.ScriptedModel(s_tokenizer, "Yes."));
        await using LocalServer server = await LocalServer.StartAsync(script, new LlamaServerOptions { PrefixScope = _ => "mine" });

        await server.AskAsync(Path, """
            {"input": [{"role": "developer", "content": "Use no salt."}, {"role": "user", "content": "Well?"}, {"role": "assistant", "content": [{"type": "output_text", "text": "Hm.", "annotations": [], "logprobs": []}]},
              {"role": "user", "content": "So?"}], "instructions": "Be brief.",
             "temperature": 1.5, "top_p": 0.25, "max_output_tokens": 9, "top_logprobs": 3, "include": ["message.output_text.logprobs"]}
            """);

        GenerationOptions options = script.Options.Single();
        (options.Temperature, options.TopP, options.MaxTokens, options.LogProbabilities, options.TopLogProbabilityCount, options.PrefixScope).Should().Be((1.5f, 0.25f, 9, true, 3, "mine"));
        s_tokenizer.Decode(script.Prompts.Single()).Should().ContainAll("Be brief.", "Use no salt.", "Well?", "Hm.", "So?");
    }

    [Fact]
    public async Task Stream_Question_HasTheEventsInOrder()
    {
        (string Name, JsonElement Data)[] events = await storyteller.Server.StreamNamedAsync(Path, Ask("\"temperature\": 0, \"stream\": true, \"stream_options\": {\"include_obfuscation\": false}"));

        events.Should().OnlyContain(item => item.Data.GetProperty("type").GetString() == item.Name);
        events.Select(item => item.Data.GetProperty("sequence_number").GetInt32()).Should().Equal(Enumerable.Range(0, events.Length));
        string[] names = [.. events.Select(item => item.Name)];
        names[..4].Should().Equal("response.created", "response.in_progress", "response.output_item.added", "response.content_part.added");
        names[4..^4].Should().NotBeEmpty().And.OnlyContain(name => name == "response.output_text.delta");
        names[^4..].Should().Equal("response.output_text.done", "response.content_part.done", "response.output_item.done", "response.completed");
        JsonElement created = events[0].Data.GetProperty("response"), completed = events[^1].Data.GetProperty("response");
        (created.GetProperty("status").GetString(), created.GetProperty("output").GetArrayLength()).Should().Be(("in_progress", 0));
        string id = completed.GetProperty("output")[0].GetProperty("id").GetString()!;
        events[2].Data.GetProperty("item").GetRawText().Should().Be($$"""{"type":"message","id":"{{id}}","status":"in_progress","role":"assistant","content":[]}""");
        events[3..^2].Should().OnlyContain(item => item.Data.GetProperty("item_id").GetString() == id && item.Data.GetProperty("output_index").GetInt32() == 0 && item.Data.GetProperty("content_index").GetInt32() == 0);
        string.Concat(events[4..^4].Select(item => item.Data.GetProperty("delta").GetString())).Should().Be(Storyteller.Answer);
        events[^4].Data.GetProperty("text").GetString().Should().Be(Storyteller.Answer);
        events[^2].Data.GetProperty("item").GetRawText().Should().Be(completed.GetProperty("output")[0].GetRawText());
        TextOf(completed).Should().Be(Storyteller.Answer);
        (await storyteller.Server.GetAsync($"{Path}/{completed.GetProperty("id").GetString()}")).GetRawText().Should().Be(completed.GetRawText());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Post_Logprobs_AreThoseOfTheChat(bool streams)
    {
        JsonElement chat = await storyteller.Server.AskAsync(
            "/v1/chat/completions", $$"""{"messages": [{"role": "user", "content": "{{Storyteller.Question}}"}], "temperature": 0, "logprobs": true, "top_logprobs": 2}""");
        string expected = chat.GetProperty("choices")[0].GetProperty("logprobs").GetProperty("content").GetRawText();
        string fields = """ "temperature": 0, "include": ["message.output_text.logprobs"], "top_logprobs": 2 """;

        JsonElement response;
        if (streams)
        {
            (string Name, JsonElement Data)[] events = await storyteller.Server.StreamNamedAsync(Path, Ask(fields + ", \"stream\": true"));
            string.Join(",", events.Where(item => item.Name == "response.output_text.delta").SelectMany(item => item.Data.GetProperty("logprobs").EnumerateArray()).Select(token => token.GetRawText()))
                .Should().Be(expected[1..^1]);
            response = events[^1].Data.GetProperty("response");
        }
        else
        {
            response = await storyteller.Server.AskAsync(Path, Ask(fields));
        }

        response.GetProperty("output")[0].GetProperty("content")[0].GetProperty("logprobs").GetRawText().Should().Be(expected);
        response.GetProperty("top_logprobs").GetInt32().Should().Be(2);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Post_LimitOfTokens_MakesTheResponseIncomplete(bool streams)
    {
        string fields = "\"temperature\": 0, \"max_output_tokens\": 2";
        JsonElement response;
        if (streams)
        {
            (string name, JsonElement data) = (await storyteller.Server.StreamNamedAsync(Path, Ask(fields + ", \"stream\": true")))[^1];
            name.Should().Be("response.incomplete");
            response = data.GetProperty("response");
        }
        else
        {
            response = await storyteller.Server.AskAsync(Path, Ask(fields));
        }

        response.GetProperty("status").GetString().Should().Be("incomplete");
        response.GetProperty("completed_at").ValueKind.Should().Be(JsonValueKind.Null);
        response.GetProperty("incomplete_details").GetRawText().Should().Be("""{"reason":"max_output_tokens"}""");
        response.GetProperty("output")[0].GetProperty("status").GetString().Should().Be("incomplete");
        response.GetProperty("usage").GetProperty("output_tokens").GetInt32().Should().Be(2);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Post_CallsAndResults_GoToTheClientAndBack(bool streams)
    {
        var script = new ConstrainedScript(s_tokenizer, "Wait. " + Call("get_temperature", """{"city": "Oslo"}""") + "\n" + Call("get_temperature", """{"city": "Rome"}"""), "Oslo has 4 degrees.");
        await using LocalServer server = await LocalServer.StartAsync(script);
        string fields = $$"""
            "input": "Is it cold in Oslo?", "tools": [{{Tool}}]
            """;

        JsonElement response;
        if (streams)
        {
            (string Name, JsonElement Data)[] events = await server.StreamNamedAsync(Path, $$"""{ {{fields}}, "stream": true }""");
            string[] names = [.. events.Select(item => item.Name)];
            names.SkipWhile(name => name != "response.output_text.done").Should().Equal(
                "response.output_text.done", "response.content_part.done", "response.output_item.done",
                "response.output_item.added", "response.function_call_arguments.delta", "response.function_call_arguments.done", "response.output_item.done",
                "response.output_item.added", "response.function_call_arguments.delta", "response.function_call_arguments.done", "response.output_item.done", "response.completed");
            JsonElement added = events[^9].Data, done = events[^7].Data;
            (added.GetProperty("output_index").GetInt32(), added.GetProperty("item").GetProperty("arguments").GetString(), added.GetProperty("item").GetProperty("status").GetString()).Should().Be((1, "", "in_progress"));
            JsonElement.Parse(done.GetProperty("arguments").GetString()!).GetProperty("city").GetString().Should().Be("Oslo");
            done.GetProperty("item_id").GetString().Should().Be(added.GetProperty("item").GetProperty("id").GetString());
            response = events[^1].Data.GetProperty("response");
        }
        else
        {
            response = await server.AskAsync(Path, $"{{{fields}}}");
        }

        JsonElement[] output = [.. response.GetProperty("output").EnumerateArray()];
        output.Select(item => item.GetProperty("type").GetString()).Should().Equal("message", "function_call", "function_call");
        TextOf(response).Should().StartWith("Wait.");
        response.GetProperty("tools").GetRawText().Should().Be($"[{JsonSerializer.Serialize(JsonElement.Parse(Tool))}]");
        string[] calls = [.. output[1..].Select(item => item.GetProperty("call_id").GetString()!)];
        output[1..].Should().OnlyContain(item => item.GetProperty("name").GetString() == "get_temperature" && item.GetProperty("status").GetString() == "completed");
        calls.Should().OnlyHaveUniqueItems();

        JsonElement answer = await server.AskAsync(Path, $$"""
            {"previous_response_id": "{{response.GetProperty("id").GetString()}}", "input": [
              {"type": "function_call_output", "call_id": "{{calls[0]}}", "output": "4 degrees"}, {"type": "function_call_output", "call_id": "{{calls[1]}}", "output": [{"type": "input_text", "text": "21 degrees"}]}],
             "tools": [{{Tool}}], "tool_choice": "auto"}
            """);

        TextOf(answer).Should().Be("Oslo has 4 degrees.");
        script.Prompts[1].Should().ContainAll("Is it cold in Oslo?", "Wait.", "Rome", "4 degrees", "21 degrees");
        answer.GetProperty("previous_response_id").GetString().Should().Be(response.GetProperty("id").GetString());
    }

    [Fact]
    public async Task Post_CallsWithoutStoredResponse_AreReadFromTheInput()
    {
        var script = new ConstrainedScript(s_tokenizer, "Oslo has 4 degrees.");
        await using LocalServer server = await LocalServer.StartAsync(script);

        JsonElement answer = await server.AskAsync(Path, $$"""
            {"store": false, "tools": [{{Tool}}], "input": [{"role": "user", "content": "Is it cold in Oslo?"},
              {"type": "function_call", "id": "fc_1", "call_id": "a", "name": "get_temperature", "arguments": "{\"city\": \"Oslo\"}", "status": "completed"},
              {"type": "function_call", "call_id": "b", "name": "get_temperature", "arguments": ""},
              {"type": "function_call_output", "call_id": "a", "output": "4 degrees"}, {"type": "function_call_output", "call_id": "b", "output": "unknown"}]}
            """);

        TextOf(answer).Should().Be("Oslo has 4 degrees.");
        script.Prompts.Single().Should().ContainAll("Oslo", "4 degrees", "unknown");
        (await server.RefuseAsync(HttpMethod.Get, $"{Path}/{answer.GetProperty("id").GetString()}")).Code.Should().Be("response_not_found");
    }

    [Theory]
    [InlineData("\"required\"")]
    [InlineData("{\"type\": \"function\", \"name\": \"get_temperature\"}")]
    [InlineData("{\"type\": \"allowed_tools\", \"mode\": \"required\", \"tools\": [{\"type\": \"function\", \"name\": \"get_temperature\"}]}")]
    public async Task Post_RequiredTool_IsCalledByAnyModel(string choice)
    {
        JsonElement response = await storyteller.Server.AskAsync(
            Path, Ask($$"""
                "tools": [{"type": "function", "name": "other"}, {{Tool}}], "tool_choice": {{choice}}, "parallel_tool_calls": false, "max_output_tokens": 100
                """));

        JsonElement call = response.GetProperty("output").EnumerateArray().Should().ContainSingle().Subject;
        call.GetProperty("type").GetString().Should().Be("function_call");
        if (choice[0] == '{')
            call.GetProperty("name").GetString().Should().Be("get_temperature");
        response.GetProperty("tool_choice").GetRawText().Should().Be(JsonSerializer.Serialize(JsonElement.Parse(choice)));
        response.GetProperty("parallel_tool_calls").GetBoolean().Should().BeFalse();
    }

    [Fact]
    public async Task Post_AllowedTools_AreTheOnlyOnesOfThePrompt()
    {
        var script = new ConstrainedScript(s_tokenizer, "Yes.");
        await using LocalServer server = await LocalServer.StartAsync(script);

        await server.AskAsync(Path, Ask($$"""
            "tools": [{"type": "function", "name": "other"}, {{Tool}}], "tool_choice": {"type": "allowed_tools", "mode": "auto", "tools": [{"type": "function", "name": "get_temperature"}]}
            """));

        script.Prompts.Single().Should().Contain("get_temperature").And.NotContain("other");
    }

    [Fact]
    public async Task Post_FormatWithSchema_IsKept()
    {
        JsonElement response = await storyteller.Server.AskAsync(Path, Ask("""
            "text": {"format": {"type": "json_schema", "name": "animal", "strict": true, "schema":
              {"type": "object", "properties": {"sound": {"enum": ["moo", "baa"]}}, "required": ["sound"], "additionalProperties": false}}}
            """));

        JsonElement.Parse(TextOf(response)).GetProperty("sound").GetString().Should().BeOneOf("moo", "baa");
        response.GetProperty("text").GetProperty("format").GetProperty("name").GetString().Should().Be("animal");
    }

    [Fact]
    public async Task Post_PreviousResponse_IsContinuedWithoutItsInstructions()
    {
        var script = new ConstrainedScript(s_tokenizer, "One.", "Two.", "Three.");
        await using LocalServer server = await LocalServer.StartAsync(script);

        string first = IdOf(await server.AskAsync(Path, """{"input": "Count.", "instructions": "Use words."}"""));
        string second = IdOf(await server.AskAsync(Path, $$"""{"input": "Go on.", "previous_response_id": "{{first}}"}"""));
        JsonElement third = await server.AskAsync(Path, $$"""{"input": [{"role": "user", "content": "And then?"}], "previous_response_id": "{{second}}"}""");

        TextOf(third).Should().Be("Three.");
        script.Prompts[2].Should().ContainAll("Count.", "One.", "Go on.", "Two.", "And then?").And.NotContain("Use words.");
        JsonElement items = await server.GetAsync($"{Path}/{IdOf(third)}/input_items?order=asc");
        items.GetProperty("data").EnumerateArray().Select(item => item.GetProperty("content")[0].GetProperty("text").GetString()).Should().Equal("Count.", "One.", "Go on.", "Two.", "And then?");
    }

    [Fact]
    public async Task Post_ItemReference_StandsForTheItem()
    {
        var script = new ConstrainedScript(s_tokenizer, "I am a poem.", "Yes.");
        await using LocalServer server = await LocalServer.StartAsync(script);
        string item = (await server.AskAsync(Path, """{"input": "Write."}""")).GetProperty("output")[0].GetProperty("id").GetString()!;

        await server.AskAsync(Path, $$"""{"input": [{"type": "item_reference", "id": "{{item}}"}, {"role": "user", "content": "Do you like it?"}]}""");

        script.Prompts[1].Should().ContainAll("I am a poem.", "Do you like it?");
    }

    [Fact]
    public async Task Delete_StoredResponse_IsNotFoundAfterwards()
    {
        string id = IdOf(await storyteller.Server.AskAsync(Path, Ask("\"max_output_tokens\": 1")));

        JsonElement deleted = await storyteller.Server.GetAsync($"{Path}/{id}", HttpMethod.Delete);

        deleted.GetRawText().Should().Be($$"""{"id":"{{id}}","object":"response","deleted":true}""");
        (await storyteller.Server.RefuseAsync(HttpMethod.Get, $"{Path}/{id}")).Code.Should().Be("response_not_found");
        (await storyteller.Server.RefuseAsync(HttpMethod.Delete, $"{Path}/{id}")).Code.Should().Be("response_not_found");
    }

    [Fact]
    public async Task ListInput_Pages_HaveEveryItemOnce()
    {
        string items = string.Join(", ", Enumerable.Range(0, 5).Select(i => $$"""{"role": "user", "content": "a{{i}}"}"""));
        string id = IdOf(await storyteller.Server.AskAsync(Path, $$"""{"input": [{{items}}], "max_output_tokens": 1}"""));
        List<string> texts = [];
        List<int> lengths = [];
        string after = "";
        bool hasMore = true;
        while (hasMore)
        {
            JsonElement page = await storyteller.Server.GetAsync($"{Path}/{id}/input_items?limit=2{after}");
            JsonElement[] data = [.. page.GetProperty("data").EnumerateArray()];
            lengths.Add(data.Length);
            texts.AddRange(data.Select(item => item.GetProperty("content")[0].GetProperty("text").GetString()!));
            (page.GetProperty("first_id").GetString(), page.GetProperty("last_id").GetString(), page.GetProperty("object").GetString())
                .Should().Be((data[0].GetProperty("id").GetString(), data[^1].GetProperty("id").GetString(), "list"));
            after = $"&after={data[^1].GetProperty("id").GetString()}";
            hasMore = page.GetProperty("has_more").GetBoolean();
        }

        lengths.Should().Equal(2, 2, 1);
        texts.Should().Equal("a4", "a3", "a2", "a1", "a0");
    }

    [Fact]
    public async Task Get_ResponseOfAnotherUser_IsNotFound()
    {
        using var script = new UnitTesting.ScriptedModel(s_tokenizer, "Yes.");
        await using LocalServer server = await LocalServer.StartAsync(script, new LlamaServerOptions { PrefixScope = context => context.Request.Headers["User"] });
        using var asking = new HttpRequestMessage(HttpMethod.Post, Path) { Content = new StringContent("""{"input": "a"}""", System.Text.Encoding.UTF8, "application/json"), Headers = { { "User", "ada" } } };
        using HttpResponseMessage answer = await server.Client.SendAsync(asking);
        JsonElement response = JsonElement.Parse(await answer.Content.ReadAsStringAsync());
        string id = IdOf(response), item = response.GetProperty("output")[0].GetProperty("id").GetString()!;

        foreach ((HttpMethod method, string path) in ((HttpMethod, string)[])[(HttpMethod.Get, ""), (HttpMethod.Get, "/input_items"), (HttpMethod.Delete, "")])
            (await server.RefuseAsync(method, $"{Path}/{id}{path}")).Should().BeEquivalentTo(new { Status = System.Net.HttpStatusCode.NotFound, Param = "response_id", Code = "response_not_found" });
        (await server.RefuseAsync(Path, $$"""{"input": "a", "previous_response_id": "{{id}}"}""")).Code.Should().Be("previous_response_not_found");
        (await server.RefuseAsync(Path, $$"""{"input": [{"type": "item_reference", "id": "{{item}}"}]}""")).Code.Should().Be("item_not_found");
        using var reading = new HttpRequestMessage(HttpMethod.Get, $"{Path}/{id}") { Headers = { { "User", "ada" } } };
        (await server.Client.SendAsync(reading)).StatusCode.Should().Be(System.Net.HttpStatusCode.OK);
    }

    private static string Ask(string fields) => $$"""{"input": "{{Storyteller.Question}}", {{fields}} }""";

    private static string IdOf(JsonElement response) => response.GetProperty("id").GetString()!;

    // The text of the first item.
    private static string TextOf(JsonElement response) => response.GetProperty("output")[0].GetProperty("content")[0].GetProperty("text").GetString()!;
}
