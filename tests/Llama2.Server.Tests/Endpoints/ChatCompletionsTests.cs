using System.Text.Json;
using Llama2.Extensions.Tests;
using Llama2.Tests;
using Microsoft.Extensions.DependencyInjection;
using static Llama2.Extensions.Tests.ToolTexts;

namespace Llama2.Server.Tests.Endpoints;

public sealed class ChatCompletionsTests(Storyteller storyteller) : IClassFixture<Storyteller>
{
    private const string Path = "/v1/chat/completions";
    private const string Tool = """{"type": "function", "function": {"name": "get_temperature", "description": "The temperature", "parameters": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}}}""";
    private static readonly ModelTokenizer s_tokenizer = ModelTokenizer.Load(DemonstrationModel.Path);

    [Fact]
    public async Task Post_Question_HasTheAnswerAndEveryFieldOfTheProtocol()
    {
        JsonElement answer = await storyteller.Server.AskAsync(Path, Ask("\"temperature\": 0"));

        answer.GetProperty("id").GetString().Should().StartWith("chatcmpl-");
        answer.GetProperty("object").GetString().Should().Be("chat.completion");
        answer.GetProperty("model").GetString().Should().Be(Storyteller.Name);
        answer.GetProperty("system_fingerprint").GetString().Should().MatchRegex("^fp_[0-9a-f]{10}$");
        DateTimeOffset.FromUnixTimeSeconds(answer.GetProperty("created").GetInt64()).Should().BeCloseTo(DateTimeOffset.UtcNow, TimeSpan.FromMinutes(5));
        JsonElement choice = answer.GetProperty("choices").EnumerateArray().Should().ContainSingle().Subject;
        choice.GetProperty("index").GetInt32().Should().Be(0);
        choice.GetProperty("finish_reason").GetString().Should().Be("stop");
        choice.GetProperty("logprobs").ValueKind.Should().Be(JsonValueKind.Null);
        choice.GetProperty("message").GetRawText().Should().Be($$"""{"content":"{{Storyteller.Answer}}","refusal":null,"role":"assistant"}""");
        JsonElement usage = answer.GetProperty("usage");
        usage.GetProperty("total_tokens").GetInt32().Should().Be(usage.GetProperty("prompt_tokens").GetInt32() + usage.GetProperty("completion_tokens").GetInt32());
        usage.GetProperty("prompt_tokens_details").GetProperty("cached_tokens").GetInt32().Should().BeLessThan(usage.GetProperty("prompt_tokens").GetInt32());
    }

    [Fact]
    public async Task Post_SamePromptAgain_ReportsCachedTokens()
    {
        string request = """{"messages": [{"role": "user", "content": "Where does a bear live, and why does it live there?"}], "max_tokens": 1}""";
        await storyteller.Server.AskAsync(Path, request);

        JsonElement usage = (await storyteller.Server.AskAsync(Path, request)).GetProperty("usage");

        usage.GetProperty("prompt_tokens_details").GetProperty("cached_tokens").GetInt32().Should().Be(usage.GetProperty("prompt_tokens").GetInt32() - 1);
    }

    [Fact]
    public async Task Stream_Question_HasTheSameTextAsTheWholeAnswer()
    {
        string[] events = await storyteller.Server.StreamAsync(Path, Ask("\"temperature\": 0, \"stream\": true, \"stream_options\": {\"include_usage\": true}"));

        events[^1].Should().Be("[DONE]");
        JsonElement[] chunks = [.. events.SkipLast(1).Select(item => JsonElement.Parse(item))];
        chunks.Select(chunk => chunk.GetProperty("id").GetString()).Distinct().Should().ContainSingle();
        chunks.Should().OnlyContain(chunk => chunk.GetProperty("object").GetString() == "chat.completion.chunk");
        JsonElement[] choices = [.. chunks.SelectMany(chunk => chunk.GetProperty("choices").EnumerateArray())];
        choices[0].GetProperty("delta").GetRawText().Should().Be("""{"role":"assistant","content":""}""");
        string.Concat(choices.Select(TextOf)).Should().Be(Storyteller.Answer);
        choices.Select(choice => choice.GetProperty("finish_reason").GetString()).Should().EndWith("stop").And.OnlyContain(reason => reason == null || reason == "stop");
        chunks[^1].GetProperty("choices").GetArrayLength().Should().Be(0);
        chunks[^1].GetProperty("usage").GetProperty("completion_tokens").GetInt32().Should().BePositive();
        chunks.SkipLast(1).Should().OnlyContain(chunk => chunk.GetProperty("usage").ValueKind == JsonValueKind.Null);
    }

    [Theory]
    [InlineData("max_tokens")]
    [InlineData("max_completion_tokens")]
    public async Task Post_LimitOfTokens_EndsTheAnswer(string field)
    {
        JsonElement answer = await storyteller.Server.AskAsync(Path, Ask($"\"{field}\": 2, \"temperature\": 0"));

        answer.GetProperty("choices")[0].GetProperty("finish_reason").GetString().Should().Be("length");
        answer.GetProperty("usage").GetProperty("completion_tokens").GetInt32().Should().Be(2);
    }

    [Theory]
    [InlineData("\"says\"")]
    [InlineData("[\"zebra\", \"says\"]")]
    public async Task Post_Stop_EndsTheAnswerBeforeIt(string stop)
    {
        JsonElement answer = await storyteller.Server.AskAsync(Path, Ask($"\"stop\": {stop}, \"temperature\": 0"));

        TextOf(answer).Should().Be("The cow ");
        answer.GetProperty("choices")[0].GetProperty("finish_reason").GetString().Should().Be("stop");
    }

    [Fact]
    public async Task Post_AssistantsMessageAtTheEnd_IsContinued()
    {
        JsonElement answer = await storyteller.Server.AskAsync(
            Path, $$"""{"messages": [{"role": "user", "content": "{{Storyteller.Question}}"}, {"role": "assistant", "content": "The cow says"}], "temperature": 0}""");

        TextOf(answer).Trim().Should().Be("moo.");
    }

    [Fact]
    public async Task Post_PartsAndDeveloper_AreText()
    {
        using var script = new PromptRecorder(new UnitTesting.ScriptedModel(s_tokenizer, "Yes."));
        await using LocalServer server = await LocalServer.StartAsync(script);

        await server.AskAsync(Path, """
            {"messages": [{"role": "developer", "content": "Be brief."},
                          {"role": "user", "name": "ada", "content": [{"type": "text", "text": "Do cows "}, {"type": "text", "text": "moo?"}]}]}
            """);

        s_tokenizer.Decode(script.Prompts.Single()).Should().Contain("Be brief.").And.Contain("Do cows moo?").And.NotContain("ada");
    }

    [Fact]
    public async Task Post_SamplingFields_ReachTheModel()
    {
        using var script = new PromptRecorder(new UnitTesting.ScriptedModel(s_tokenizer, "Yes."));
        await using LocalServer server = await LocalServer.StartAsync(script);

        await server.AskAsync(Path, """
            {"messages": [{"role": "user", "content": "Well?"}], "temperature": 1.5, "top_p": 0.25, "frequency_penalty": -1, "presence_penalty": 2, "seed": -3,
             "stop": ["a", "b"], "logit_bias": {"5": -100, "7": 2.5}, "max_completion_tokens": 9, "top_logprobs": 3, "logprobs": true,
             "user": "u", "safety_identifier": "s", "prompt_cache_key": "k", "metadata": {"a": "b"}, "store": false, "service_tier": "auto", "modalities": ["text"],
             "parallel_tool_calls": false, "n": 1, "stream": false, "reasoning_effort": "none", "verbosity": "medium", "audio": null, "tools": null, "response_format": {"type": "text"}}
            """);

        GenerationOptions options = script.Options.Single();
        (options.Temperature, options.TopP, options.FrequencyPenalty, options.PresencePenalty).Should().Be((1.5f, 0.25f, -1f, 2f));
        (options.Seed, options.MaxTokens, options.LogProbabilities, options.TopLogProbabilityCount).Should().Be((unchecked((ulong)-3L), 9, true, 3));
        options.StopSequences.Should().Equal("a", "b");
        options.LogitBias.Should().BeEquivalentTo(new Dictionary<int, float> { [5] = -100, [7] = 2.5f });
    }

    [Fact]
    public async Task Post_Logprobs_AreThoseOfTheModel()
    {
        JsonElement answer = await storyteller.Server.AskAsync(Path, Ask("\"temperature\": 0, \"logprobs\": true, \"top_logprobs\": 2"));

        JsonElement[] tokens = [.. answer.GetProperty("choices")[0].GetProperty("logprobs").GetProperty("content").EnumerateArray()];
        string.Concat(tokens.Select(token => token.GetProperty("token").GetString())).TrimStart().Should().Be(Storyteller.Answer);
        tokens.Should().OnlyContain(token => token.GetProperty("top_logprobs").GetArrayLength() == 2);
        // Without randomness, the chosen token is the likeliest.
        tokens.Should().OnlyContain(token => token.GetProperty("logprob").GetSingle() == token.GetProperty("top_logprobs")[0].GetProperty("logprob").GetSingle());
        tokens.Select(token => System.Text.Encoding.UTF8.GetString([.. token.GetProperty("bytes").EnumerateArray().Select(part => part.GetByte())]))
            .Should().Equal(tokens.Select(token => token.GetProperty("token").GetString()));
    }

    [Fact]
    public async Task Stream_Logprobs_AreThoseOfTheWholeAnswer()
    {
        string fields = "\"temperature\": 0, \"logprobs\": true";
        JsonElement whole = (await storyteller.Server.AskAsync(Path, Ask(fields))).GetProperty("choices")[0].GetProperty("logprobs").GetProperty("content");

        string[] events = await storyteller.Server.StreamAsync(Path, Ask(fields + ", \"stream\": true"));

        IEnumerable<string> streamed = events.SkipLast(1).Select(item => JsonElement.Parse(item).GetProperty("choices")[0].GetProperty("logprobs"))
            .Where(logprobs => logprobs.ValueKind == JsonValueKind.Object).SelectMany(logprobs => logprobs.GetProperty("content").EnumerateArray()).Select(token => token.GetRawText());
        streamed.Should().Equal(whole.EnumerateArray().Select(token => token.GetRawText()));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Post_SeveralChoices_AreGeneratedWithDifferentSeeds(bool streams)
    {
        string fields = "\"n\": 3, \"seed\": 7, \"temperature\": 1.2, \"max_tokens\": 12";
        string[] single = new string[3];
        for (int i = 0; i < 3; i++)
            single[i] = TextOf(await storyteller.Server.AskAsync(Path, Ask($"\"seed\": {7 + i}, \"temperature\": 1.2, \"max_tokens\": 12")));

        var texts = new string[3];
        if (streams)
        {
            string[] events = await storyteller.Server.StreamAsync(Path, Ask(fields + ", \"stream\": true"));
            foreach (JsonElement choice in events.SkipLast(1).Select(item => JsonElement.Parse(item).GetProperty("choices")[0]))
                texts[choice.GetProperty("index").GetInt32()] += TextOf(choice);
        }
        else
        {
            JsonElement answer = await storyteller.Server.AskAsync(Path, Ask(fields));
            texts = [.. answer.GetProperty("choices").EnumerateArray().Select(choice => choice.GetProperty("message").GetProperty("content").GetString()!)];
            answer.GetProperty("usage").GetProperty("prompt_tokens").GetInt32().Should().BeLessThan(60);
        }

        texts.Should().Equal(single);
    }

    [Fact]
    public async Task Post_ResponseFormatWithSchema_IsKept()
    {
        JsonElement answer = await storyteller.Server.AskAsync(Path, Ask("""
            "response_format": {"type": "json_schema", "json_schema": {"name": "animal", "strict": true, "schema":
              {"type": "object", "properties": {"sound": {"enum": ["moo", "baa"]}, "legs": {"type": "integer", "minimum": 1, "maximum": 4}}, "required": ["sound", "legs"], "additionalProperties": false}}}
            """));

        JsonElement animal = JsonElement.Parse(TextOf(answer));
        animal.GetProperty("sound").GetString().Should().BeOneOf("moo", "baa");
        animal.GetProperty("legs").GetInt32().Should().BeInRange(1, 4);
    }

    [Fact]
    public async Task Post_StopWithinJson_DoesNotCutIt()
    {
        JsonElement answer = await storyteller.Server.AskAsync(Path, Ask("""
            "stop": [":", "moo"], "response_format": {"type": "json_schema", "json_schema": {"name": "animal", "schema":
              {"type": "object", "properties": {"sound": {"const": "moo"}}, "required": ["sound"], "additionalProperties": false}}}
            """));

        JsonElement.Parse(TextOf(answer)).GetProperty("sound").GetString().Should().Be("moo");
    }

    [Fact]
    public async Task Post_JsonObject_IsJson()
    {
        JsonElement answer = await storyteller.Server.AskAsync(Path, Ask("\"response_format\": {\"type\": \"json_object\"}, \"max_tokens\": 40"));

        JsonElement.Parse(TextOf(answer)).ValueKind.Should().NotBe(JsonValueKind.Undefined);
    }

    [Theory]
    [InlineData("\"required\"")]
    [InlineData("{\"type\": \"function\", \"function\": {\"name\": \"get_temperature\"}}")]
    public async Task Post_RequiredTool_IsCalledByAnyModel(string choice)
    {
        JsonElement answer = await storyteller.Server.AskAsync(Path, Ask($"\"tools\": [{Tool}], \"tool_choice\": {choice}, \"parallel_tool_calls\": false, \"max_tokens\": 100"));

        JsonElement message = answer.GetProperty("choices")[0].GetProperty("message");
        message.GetProperty("content").ValueKind.Should().Be(JsonValueKind.Null);
        JsonElement call = message.GetProperty("tool_calls").EnumerateArray().Should().ContainSingle().Subject;
        (call.GetProperty("type").GetString(), call.GetProperty("function").GetProperty("name").GetString()).Should().Be(("function", "get_temperature"));
        call.GetProperty("id").GetString().Should().StartWith("call_");
        JsonElement.Parse(call.GetProperty("function").GetProperty("arguments").GetString()!).GetProperty("city").ValueKind.Should().Be(JsonValueKind.String);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Post_CallsAndResults_GoToTheClientAndBack(bool streams)
    {
        var script = new ConstrainedScript(s_tokenizer, "Wait. " + Call("get_temperature", """{"city": "Oslo"}""") + "\n" + Call("get_temperature", """{"city": "Rome"}"""), "Oslo has 4 degrees.");
        await using LocalServer server = await LocalServer.StartAsync(script);
        string question = """{"role": "user", "content": "Is it cold in Oslo?"}""";

        JsonElement[] calls;
        if (streams)
        {
            string[] events = await server.StreamAsync(Path, $$"""{"messages": [{{question}}], "tools": [{{Tool}}], "stream": true}""");
            JsonElement[] choices = [.. events.SkipLast(1).Select(item => JsonElement.Parse(item).GetProperty("choices")[0])];
            choices[^1].GetProperty("finish_reason").GetString().Should().Be("tool_calls");
            calls = [.. choices.Select(choice => choice.GetProperty("delta")).Where(delta => delta.TryGetProperty("tool_calls", out _)).SelectMany(delta => delta.GetProperty("tool_calls").EnumerateArray())];
            calls.Select(call => call.GetProperty("index").GetInt32()).Should().Equal(0, 1);
        }
        else
        {
            JsonElement choice = (await server.AskAsync(Path, $$"""{"messages": [{{question}}], "tools": [{{Tool}}]}""")).GetProperty("choices")[0];
            choice.GetProperty("finish_reason").GetString().Should().Be("tool_calls");
            choice.GetProperty("message").GetProperty("content").GetString().Should().StartWith("Wait.");
            calls = [.. choice.GetProperty("message").GetProperty("tool_calls").EnumerateArray()];
        }

        calls.Select(call => call.GetProperty("id").GetString()).Should().OnlyHaveUniqueItems().And.HaveCount(2);
        string first = calls[0].GetProperty("id").GetString()!, second = calls[1].GetProperty("id").GetString()!;
        JsonElement answer = await server.AskAsync(Path, $$$"""
            {"messages": [{{{question}}}, {"role": "assistant", "content": null, "refusal": null, "annotations": [], "tool_calls": [
              {"id": "{{{first}}}", "type": "function", "function": {"name": "get_temperature", "arguments": "{\"city\": \"Oslo\"}"}},
              {"id": "{{{second}}}", "type": "function", "function": {"name": "get_temperature", "arguments": ""}}]},
             {"role": "tool", "tool_call_id": "{{{first}}}", "content": "4 degrees"}, {"role": "tool", "tool_call_id": "{{{second}}}", "content": [{"type": "text", "text": "21 degrees"}]}], "tools": [{{{Tool}}}]}
            """);

        TextOf(answer).Should().Be("Oslo has 4 degrees.");
        script.Prompts[1].Should().Contain("Oslo").And.Contain("4 degrees").And.Contain("21 degrees");
    }

    [Fact]
    public async Task Post_ToolChoiceNone_DoesNotMentionTheTools()
    {
        var script = new ConstrainedScript(s_tokenizer, "Yes.");
        await using LocalServer server = await LocalServer.StartAsync(script);

        await server.AskAsync(Path, Ask($"\"tools\": [{Tool}], \"tool_choice\": \"none\""));

        script.Prompts.Single().Should().NotContain("get_temperature");
    }

    [Fact]
    public async Task Post_ModelOfSeveral_IsChosenByName()
    {
        await using LocalServer server = await LocalServer.StartAsync(services =>
        {
            services.AddKeyedSingleton<ILlamaModel>("reader", new UnitTesting.ScriptedModel(s_tokenizer, "I read."));
            services.AddKeyedSingleton<ILlamaModel>("writer", new UnitTesting.ScriptedModel(s_tokenizer, "I write."));
            services.AddLlama("reader", "one.gguf");
            services.AddLlama("writer", "two.gguf");
        });

        TextOf(await server.AskAsync(Path, Ask("\"model\": \"reader\""))).Should().Be("I read.");
        TextOf(await server.AskAsync(Path, Ask("\"model\": \"two\""))).Should().Be("I write.");
        (await server.RefuseAsync(Path, Ask("\"model\": \"gpt-4o\""))).Should().BeEquivalentTo(new { Status = System.Net.HttpStatusCode.NotFound, Param = "model", Code = "model_not_found" });
        (await server.RefuseAsync(Path, Ask("\"stream\": false"))).Should().BeEquivalentTo(new { Status = System.Net.HttpStatusCode.BadRequest, Param = "model", Code = "missing_required_parameter" });
    }

    [Theory]
    [InlineData("storyteller-1m-Q8_0")]
    [InlineData("Storyteller-1M-Q8_0.gguf")]
    public async Task Post_FileNameOfTheOnlyModel_ChoosesIt(string name) =>
        TextOf(await storyteller.Server.AskAsync(Path, Ask($"\"model\": \"{name}\", \"temperature\": 0"))).Should().Be(Storyteller.Answer);

    [Fact]
    public async Task Post_NameThatTheModelsFileStates_ChoosesIt()
    {
        using var model = LlamaModel.Load(DemonstrationModel.Path);

        TextOf(await storyteller.Server.AskAsync(Path, Ask($"\"model\": \"{model.Configuration.Name}\", \"temperature\": 0"))).Should().Be(Storyteller.Answer);
    }

    [Fact]
    public async Task Post_PrefixScope_IsThatOfTheOptions()
    {
        using var script = new PromptRecorder(new UnitTesting.ScriptedModel(s_tokenizer, "Yes."));
        await using LocalServer server = await LocalServer.StartAsync(script, new LlamaServerOptions { PrefixScope = context => $"scope of {context.Request.Path}" });

        await server.AskAsync(Path, Ask("\"n\": 1"));

        script.Options.Single().PrefixScope.Should().Be("scope of /v1/chat/completions");
    }

    private static string Ask(string fields) => $$"""{"messages": [{"role": "user", "content": "{{Storyteller.Question}}"}], {{fields}} }""";

    // The text of an answer, or of a choice of an event.
    private static string TextOf(JsonElement json) =>
        json.TryGetProperty("choices", out JsonElement choices) ? choices[0].GetProperty("message").GetProperty("content").GetString()!
        : json.GetProperty("delta").TryGetProperty("content", out JsonElement content) ? content.GetString()!
        : "";
}
