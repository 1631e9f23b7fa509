using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using CsCheck;
using Llama2.Tests;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Llama2.Server.Tests.Endpoints;

/// <summary>Bodies that are made to do harm are answered with 400 or 413, never with 500.</summary>
public sealed class HostileBodyTests(Storyteller storyteller) : IClassFixture<Storyteller>
{
    // Requests with every field of the protocol.
    private static readonly (string Path, string Body)[] s_requests =
    [
        ("/v1/chat/completions", """
            {"model": "storyteller-1m-Q8_0", "messages": [{"role": "system", "content": "a"}, {"role": "user", "content": [{"type": "text", "text": "b"}], "name": "c"},
              {"role": "assistant", "content": null, "tool_calls": [{"id": "d", "type": "function", "function": {"name": "f", "arguments": "{\"x\": 1}"}}]},
              {"role": "tool", "tool_call_id": "d", "content": "e"}],
             "tools": [{"type": "function", "function": {"name": "f", "description": "g", "strict": true, "parameters": {"type": "object", "properties": {"x": {"type": "integer"}}}}}],
             "tool_choice": {"type": "function", "function": {"name": "f"}}, "parallel_tool_calls": false,
             "response_format": {"type": "json_schema", "json_schema": {"name": "h", "description": "i", "strict": true, "schema": {"type": "object"}}},
             "temperature": 1, "top_p": 0.5, "frequency_penalty": 0, "presence_penalty": 0, "seed": 1, "stop": ["zzz"], "logit_bias": {"5": 1}, "max_completion_tokens": 30,
             "logprobs": true, "top_logprobs": 1, "n": 1, "stream": true, "stream_options": {"include_usage": true}, "user": "j", "metadata": {"k": "l"}, "store": false, "modalities": ["text"]}
            """),
        ("/v1/responses", """
            {"model": "storyteller-1m-Q8_0", "input": [{"type": "message", "role": "system", "content": "a", "id": "x", "status": "completed"},
              {"role": "user", "content": [{"type": "input_text", "text": "b"}]}, {"role": "assistant", "content": [{"type": "output_text", "text": "c", "annotations": [], "logprobs": []}]},
              {"type": "function_call", "id": "fc", "call_id": "d", "name": "f", "arguments": "{\"x\": 1}", "status": "completed"}, {"type": "function_call_output", "call_id": "d", "output": "e"}],
             "instructions": "i", "previous_response_id": null, "tools": [{"type": "function", "name": "f", "description": "g", "strict": true, "parameters": {"type": "object", "properties": {"x": {"type": "integer"}}}}],
             "tool_choice": {"type": "allowed_tools", "mode": "auto", "tools": [{"type": "function", "name": "f"}]}, "parallel_tool_calls": false,
             "text": {"format": {"type": "json_schema", "name": "h", "description": "i", "strict": true, "schema": {"type": "object"}}, "verbosity": "medium"},
             "temperature": 1, "top_p": 0.5, "max_output_tokens": 30, "max_tool_calls": 3, "top_logprobs": 1, "include": ["message.output_text.logprobs"], "stream": true,
             "stream_options": {"include_obfuscation": false}, "user": "j", "safety_identifier": "k", "prompt_cache_key": "l", "metadata": {"k": "l"}, "store": true, "truncation": "disabled",
             "service_tier": "auto", "background": false, "reasoning": {"effort": "none"}}
            """),
        ("/v1/messages", """
            {"model": "storyteller-1m-Q8_0", "system": [{"type": "text", "text": "a", "cache_control": {"type": "ephemeral", "ttl": "5m"}}],
             "messages": [{"role": "user", "content": [{"type": "text", "text": "b", "citations": []}]},
              {"role": "assistant", "content": [{"type": "text", "text": "c"}, {"type": "tool_use", "id": "d", "name": "f", "input": {"x": 1}, "caller": {"type": "direct"}}]},
              {"role": "user", "content": [{"type": "tool_result", "tool_use_id": "d", "content": [{"type": "text", "text": "e"}], "is_error": true}]}],
             "tools": [{"type": "custom", "name": "f", "description": "g", "strict": true, "input_schema": {"type": "object", "properties": {"x": {"type": "integer"}}}}],
             "tool_choice": {"type": "tool", "name": "f", "disable_parallel_tool_use": true}, "output_config": {"effort": "high"}, "thinking": {"type": "disabled"},
             "temperature": 1, "top_p": 0.5, "top_k": 5, "stop_sequences": ["zzz"], "max_tokens": 30, "stream": true, "metadata": {"user_id": "j"}, "service_tier": "auto", "speed": "standard"}
            """),
        ("/v1/messages/count_tokens", """
            {"model": "storyteller-1m-Q8_0", "system": "a", "messages": [{"role": "user", "content": "b"}], "tools": [{"name": "f", "input_schema": {}}],
             "tool_choice": {"type": "auto"}, "output_config": {"format": {"type": "json_schema", "schema": {"type": "object"}}}, "cache_control": {"type": "ephemeral"}}
            """),
        ("/v1/completions", """
            {"model": "storyteller-1m-Q8_0", "prompt": ["a", "b"], "max_tokens": 2, "n": 2, "best_of": 2, "echo": false, "logprobs": 1, "stop": "x", "stream": false, "suffix": "",
             "temperature": 1, "top_p": 1, "frequency_penalty": 0, "presence_penalty": 0, "seed": 1, "logit_bias": {"5": 1}, "user": "u"}
            """),
        ("/v1/embeddings", """{"model": "storyteller-1m-Q8_0", "input": [[1, 2], [3]], "encoding_format": "float", "dimensions": 64, "user": "u"}"""),
        ("/infill", """
            {"model": "storyteller-1m-Q8_0", "input_prefix": "a", "input_suffix": "b", "prompt": "c", "input_extra": [{"filename": "d", "text": "e"}], "n_predict": 2, "temperature": 1, "top_k": 5,
             "top_p": 0.5, "min_p": 0.1, "mirostat": 2, "mirostat_tau": 5, "seed": 1, "stop": ["x"], "dry_sequence_breakers": ["y"], "samplers": ["top_k"], "stream": false, "cache_prompt": true}
            """),
        ("/tokenize", """{"content": "a b", "add_special": true, "parse_special": true, "with_pieces": true, "model": "storyteller-1m-Q8_0"}"""),
        ("/detokenize", """{"tokens": [1, 2, 300], "model": "storyteller-1m-Q8_0"}"""),
    ];

    private static readonly Func<JsonNode?>[] s_values =
    [
        () => null, () => true, () => -1, () => 0, () => 1e308, () => long.MaxValue, () => 0.5, () => "", () => "x", () => new string('x', 70_000), () => "\0\u2028\uFFFF", () => "</s><s>[INST]",
        () => new JsonArray(), () => new JsonArray(1, "x", null), () => new JsonArray(new JsonArray(), new JsonObject()), () => new JsonObject(),
        () => new JsonObject { ["type"] = "function", ["x"] = null }, () => new JsonObject { ["$ref"] = "#" }, () => Deep(50),
    ];

    public static TheoryData<int> Requests => [.. Enumerable.Range(0, s_requests.Length)];

    [Theory]
    [MemberData(nameof(Requests))]
    public async Task Post_EveryFieldReplacedByEveryKindOfValue_NeverFails(int index)
    {
        (string path, string body) = s_requests[index];
        foreach (int place in Enumerable.Range(0, CountNodes(body)))
        {
            foreach (Func<JsonNode?> value in s_values)
            {
                string mutated = Replace(body, place, value());
                using HttpResponseMessage response = await storyteller.Server.PostAsync(path, mutated);
                string answer = await response.Content.ReadAsStringAsync();
                ((int)response.StatusCode).Should().BeOneOf([200, 400, 404], "{0} is answered with {1}", Shorten(mutated), answer);
                answer.Should().NotContain("internal_error", Shorten(mutated));
            }
        }

        storyteller.Server.Log.Entries.Should().NotContain(entry => entry.Level >= LogLevel.Error);
    }

    [Theory]
    [MemberData(nameof(Requests))]
    public async Task Post_BytesChanged_NeverFails(int index)
    {
        (string path, string body) = s_requests[index];
        (int, byte)[] changes = Gen.Select(Gen.Int[0, body.Length - 1], Gen.Byte).Array[200].Single();
        foreach ((int position, byte value) in changes)
        {
            byte[] mutated = Encoding.UTF8.GetBytes(body);
            mutated[position] = value;
            using HttpResponseMessage response = await storyteller.Server.PostAsync(path, mutated);
            string answer = await response.Content.ReadAsStringAsync();
            ((int)response.StatusCode).Should().BeOneOf([200, 400, 404], "byte {0} is {1}: {2}", position, value, answer);
        }
    }

    [Theory]
    [InlineData("/v1/chat/completions")]
    [InlineData("/v1/responses")]
    [InlineData("/v1/completions")]
    [InlineData("/v1/embeddings")]
    [InlineData("/infill")]
    [InlineData("/tokenize")]
    [InlineData("/detokenize")]
    public async Task Post_BodyThatIsNoJsonObject_IsRefused(string path)
    {
        byte[][] bodies =
        [
            [], "null"u8.ToArray(), "[]"u8.ToArray(), "\"a\""u8.ToArray(), "{"u8.ToArray(), "{}{}"u8.ToArray(), "{\"a\": 1, \"a\": 2}"u8.ToArray(), "{'a': 1}"u8.ToArray(),
            [.. "{\"content\": \""u8, 0xFF, .. "\"}"u8], [.. "{\"content\": \""u8, 0xC0, 0x80, .. "\"}"u8], [.. "{\""u8, 0xED, 0xA0, 0x80, .. "\": 1}"u8],
            Encoding.UTF8.GetBytes(new string('[', 100_000)), Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat("{\"a\":", 100_000))),
            Encoding.Unicode.GetBytes("{}"), new byte[10_000], "{\"\\ud800\": 1}"u8.ToArray(), "{\"messages\": [{\"\\udc00\": 1}]}"u8.ToArray(),
        ];
        foreach (byte[] body in bodies)
        {
            using HttpResponseMessage response = await storyteller.Server.PostAsync(path, body);
            (await Refusal.ReadAsync(response)).Should().BeEquivalentTo(new { Status = HttpStatusCode.BadRequest, Type = "invalid_request_error", Param = (string?)null, Code = "invalid_json" });
        }
    }

    [Theory]
    [InlineData("/v1/chat/completions", "{\"messages\": [{\"role\": \"user\", \"content\": \"")]
    [InlineData("/v1/responses", "{\"input\": \"")]
    [InlineData("/v1/completions", "{\"prompt\": \"")]
    [InlineData("/v1/embeddings", "{\"input\": \"")]
    [InlineData("/infill", "{\"input_prefix\": \"")]
    [InlineData("/tokenize", "{\"content\": \"")]
    public async Task Post_StringOfTenMegabytes_IsTooLarge(string path, string start)
    {
        byte[] body = [.. Encoding.UTF8.GetBytes(start), .. Enumerable.Repeat((byte)'a', 10_000_000)];

        using HttpResponseMessage response = await storyteller.Server.PostAsync(path, body);

        (await Refusal.ReadAsync(response)).Should()
            .BeEquivalentTo(new { Status = HttpStatusCode.RequestEntityTooLarge, Type = "invalid_request_error", Param = (string?)null, Code = "request_too_large" });
    }

    [Fact]
    public async Task Post_BodyOfUnknownLengthOverTheLimit_IsTooLarge()
    {
        await using LocalServer server = await LocalServer.StartAsync(
            services => services.AddLlama(DemonstrationModel.Path), new LlamaServerOptions { MaxBodyByteSize = 2048 });
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/embeddings") { Content = new StringContent($$"""{"input": "{{new string('a', 3000)}}"}""", Encoding.UTF8, "application/json") };
        request.Headers.TransferEncodingChunked = true;

        using HttpResponseMessage response = await server.Client.SendAsync(request);

        (await Refusal.ReadAsync(response)).Should().BeEquivalentTo(new { Status = HttpStatusCode.RequestEntityTooLarge, Code = "request_too_large" });
    }

    private static JsonNode Deep(int depth)
    {
        JsonNode node = new JsonArray();
        for (int i = 0; i < depth; i++)
            node = new JsonArray(node);
        return node;
    }

    private static int CountNodes(string body)
    {
        int count = 0;
        Visit(JsonNode.Parse(body)!, _ =>
        {
            count++;
            return false;
        });
        return count;
    }

    private static string Replace(string body, int place, JsonNode? value)
    {
        JsonNode root = JsonNode.Parse(body)!;
        int index = 0;
        Visit(root, set =>
        {
            if (index++ != place)
                return false;
            set(value);
            return true;
        });
        return root.ToJsonString();
    }

    // Visits all values of a document, from the outside in, until a visit says that it is the last.
    private static bool Visit(JsonNode node, Func<Action<JsonNode?>, bool> visit)
    {
        if (node is JsonObject members)
        {
            foreach (string name in members.Select(member => member.Key).ToArray())
            {
                if (visit(value => members[name] = value) || (members[name] is { } inner && Visit(inner, visit)))
                    return true;
            }
        }
        else if (node is JsonArray items)
        {
            for (int i = 0; i < items.Count; i++)
            {
                int place = i;
                if (visit(value => items[place] = value) || (items[i] is { } inner && Visit(inner, visit)))
                    return true;
            }
        }

        return false;
    }

    private static string Shorten(string text) => text.Length < 3000 ? text : text[..3000];
}
