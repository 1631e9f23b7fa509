using System.Net;
using Llama2.Extensions.Tests;
using Llama2.Tests;
using UnitTesting;

namespace Llama2.Server.Tests.Requests;

/// <summary>Every field in OpenAI's published description of its protocol (openapi.yaml of August 2026) is known to the server.</summary>
public sealed class OpenAIFieldsTests(Storyteller storyteller) : IClassFixture<Storyteller>
{
    private const string Chat = """{"messages": [{"role": "user", "content": "Well?"}], "max_completion_tokens": 2""";
    private const string Completion = """{"prompt": "Well?" """;
    private const string Embedding = """{"input": "Well?" """;

    public static TheoryData<string, string, string> Fields
    {
        get
        {
            var fields = new TheoryData<string, string, string>();
            Add("/v1/chat/completions", Chat,
                "audio frequency_penalty function_call functions logit_bias logprobs max_tokens metadata modalities model moderation n parallel_tool_calls prediction "
                + "presence_penalty prompt_cache_key prompt_cache_options prompt_cache_retention reasoning_effort response_format safety_identifier seed service_tier stop store stream "
                + "stream_options temperature tool_choice tools top_logprobs top_p user verbosity web_search_options");
            Add("/v1/completions", Completion, "best_of echo frequency_penalty logit_bias logprobs max_tokens model n presence_penalty seed stop stream stream_options suffix temperature top_p user");
            Add("/v1/embeddings", Embedding, "dimensions encoding_format model user");
            return fields;

            void Add(string path, string body, string names)
            {
                foreach (string name in names.Split(' '))
                    fields.Add(path, body, name);
            }
        }
    }

    [Theory]
    [MemberData(nameof(Fields))]
    public async Task Post_FieldOfOpenAI_IsKnownAndMayBeNull(string path, string body, string field)
    {
        await storyteller.Server.AskAsync(path, $$"""{{body}}, "{{field}}": null}""");
        // No field may have this value, so the error must be about the value, or say that the server does not support the field.
        Refusal refusal = await storyteller.Server.RefuseAsync(path, $$"""{{body}}, "{{field}}": [{"nonsense": 1}]}""");

        refusal.Status.Should().Be(HttpStatusCode.BadRequest);
        (refusal.Code, refusal.Param).Should().NotBe(("unknown_parameter", field));
    }

    [Theory]
    [InlineData("\"prompt_cache_options\": {\"mode\": \"implicit\", \"ttl\": \"30m\"}, \"prompt_cache_retention\": \"in_memory\", \"prompt_cache_key\": \"a\"")]
    [InlineData("\"service_tier\": \"auto\", \"verbosity\": \"medium\", \"reasoning_effort\": \"none\", \"store\": false, \"modalities\": [\"text\"]")]
    [InlineData("\"seed\": -9223372036854775808, \"logit_bias\": {}, \"stop\": []")]
    [InlineData("\"seed\": 9223372036854775807, \"logit_bias\": {\"5\": -100, \"6\": 100, \"7\": 0.5}, \"stop\": [\"a\", \"b\", \"c\", \"d\"]")]
    [InlineData("\"temperature\": 2, \"top_p\": 0, \"frequency_penalty\": -2, \"presence_penalty\": 2")]
    [InlineData("\"temperature\": 0, \"top_p\": 1, \"frequency_penalty\": 2, \"presence_penalty\": -2")]
    [InlineData("\"logprobs\": true, \"top_logprobs\": 20, \"n\": 16")]
    [InlineData("\"metadata\": {\"a\": \"b\"}, \"user\": \"c\", \"safety_identifier\": \"d\"")]
    public async Task Post_ValuesThatOpenAIAllows_AreAnswered(string fields) => await storyteller.Server.AskAsync("/v1/chat/completions", $$"""{{Chat}}, {{fields}}}""");

    [Fact]
    public async Task Post_MessagesOfEveryForm_AreAnswered() => await storyteller.Server.AskAsync("/v1/chat/completions", """
        {"max_tokens": 2, "messages": [
          {"role": "developer", "content": "a", "name": "d"},
          {"role": "system", "content": [{"type": "text", "text": "b"}], "name": "s"},
          {"role": "user", "content": [{"type": "text", "text": "c", "prompt_cache_breakpoint": {"type": "ephemeral"}}, {"type": "text", "text": "d"}], "name": "u"},
          {"role": "assistant", "content": "e", "refusal": null, "audio": null, "function_call": null, "annotations": [], "name": "a"},
          {"role": "user", "content": "f"},
          {"role": "assistant", "content": null, "tool_calls": [{"id": "1", "type": "function", "function": {"name": "g", "arguments": ""}}]},
          {"role": "tool", "tool_call_id": "1", "content": [{"type": "text", "text": "h"}]}]}
        """);

    [Theory]
    [InlineData("required")]
    [InlineData("auto")]
    public async Task Post_AllowedTools_OffersOnlyThese(string mode)
    {
        var tokenizer = ModelTokenizer.Load(DemonstrationModel.Path);
        var recorder = new PromptRecorder(new ScriptedModel(tokenizer, "Hello"));
        await using LocalServer server = await LocalServer.StartAsync(recorder);

        using HttpResponseMessage _ = await server.PostAsync("/v1/chat/completions", $$$$"""
            {"messages": [{"role": "user", "content": "Well?"}],
             "tools": [{"type": "function", "function": {"name": "first"}}, {"type": "function", "function": {"name": "second"}}],
             "tool_choice": {"type": "allowed_tools", "allowed_tools": {"mode": "{{{{mode}}}}", "tools": [{"type": "function", "function": {"name": "second"}}]}}}
            """);

        tokenizer.Decode(recorder.Prompts.Should().ContainSingle().Subject).Should().Contain("second").And.NotContain("first");
    }

    [Theory]
    [InlineData("\"mode\": \"auto\", \"tools\": []", "tool_choice.allowed_tools.tools", "invalid_value")]
    [InlineData("\"mode\": \"none\", \"tools\": [{\"type\": \"function\", \"function\": {\"name\": \"first\"}}]", "tool_choice.allowed_tools.mode", "unsupported_value")]
    [InlineData("\"mode\": \"auto\", \"tools\": [{\"type\": \"function\", \"function\": {\"name\": \"third\"}}]", "tool_choice.allowed_tools.tools[0].function.name", "invalid_value")]
    [InlineData("\"mode\": \"auto\", \"tools\": [{\"type\": \"custom\"}]", "tool_choice.allowed_tools.tools[0].type", "unsupported_value")]
    [InlineData("\"tools\": []", "tool_choice.allowed_tools.mode", "missing_required_parameter")]
    public async Task Post_AllowedToolsThatAreNotValid_IsNamed(string allowed, string param, string code)
    {
        Refusal refusal = await storyteller.Server.RefuseAsync(
            "/v1/chat/completions", $$$"""{{{Chat}}}, "tools": [{"type": "function", "function": {"name": "first"}}], "tool_choice": {"type": "allowed_tools", "allowed_tools": { {{{allowed}}} } } }""");

        refusal.Should().BeEquivalentTo(new { Status = HttpStatusCode.BadRequest, Param = param, Code = code });
    }
}
