using System.Net;

namespace Llama2.Server.Tests.Requests;

/// <summary>Errors of bodies name their cause.</summary>
public sealed class RequestMessagesTests(Storyteller storyteller) : IClassFixture<Storyteller>
{
    private const string Chat = "/v1/chat/completions";

    public static TheoryData<string, string> Bodies => new()
    {
        { "", "The request's body is empty; it must be a JSON object." },
        { "{\n\"messages\": [}", "The request's body is not valid JSON: line 2, byte 14." },
        { """{"messages": """, "The request's body is not valid JSON: line 1, byte 14." },
        { $$"""{"messages": {{new string('[', 63)}}{{new string(']', 63)}}}""", "'messages[0]' is a list; it must be an object." },
        { $$"""{"messages": {{new string('[', 64)}}{{new string(']', 64)}}}""", "The request's body is nested more than 64 levels deep: line 1, byte 77." },
        { $$"""{"messages": {{new string('[', 100_000)}}""", "The request's body is nested more than 64 levels deep: line 1, byte 77." },
        { """{"n": 1, "messages": [], "n": 2}""", "The request's body has an object with two fields of the same name." },
        {
            """{"messages": [{"role": "assistant", "tool_calls": [{"id": "a", "type": "function", "function": {"name": "f", "arguments": "{\"\\ud800\": 1}"}}]}]}""",
            "'messages[0].tool_calls[0].function.arguments' has a field whose name has half of a surrogate pair, which is not a character."
        },
        { """{"messages": [{"role": "user", "content": "a"}], "stop": ["a", ""]}""", FormattableString.Invariant($"'stop[1]' has 0 characters; 1 to {GenerationOptions.MaxStopSequenceLength:N0} are allowed.") },
        {
            """{"messages": [{"role": "user", "content": "a"}], "tools": [{"type": "function", "function": {"name": "a b"}}]}""",
            "'tools[0].function.name' must have 1 to 64 letters, digits, underscores or hyphens."
        },
        { """{"messages": []}""", "'messages' is empty; 1 to 65,536 values are allowed." },
    };

    [Theory]
    [InlineData(Chat, """{"messages": [{"role": "user", "content": PARTS}]}""", "text", "messages[0].content")]
    [InlineData("/v1/responses", """{"input": [{"role": "user", "content": PARTS}]}""", "input_text", "input[0].content")]
    public async Task Post_MessageOfTooManyParts_IsRefused(string path, string body, string type, string param)
    {
        string parts = $"[{string.Join(",", Enumerable.Repeat($$"""{"type": "{{type}}", "text": ""}""", 4097))}]";

        (await storyteller.Server.RefuseAsync(path, body.Replace("PARTS", parts, StringComparison.Ordinal))).Should().BeEquivalentTo(
            new { Status = HttpStatusCode.BadRequest, Param = param, Code = "invalid_value", Message = $"'{param}' has 4,097 values; 1 to 4,096 are allowed." });
    }

    [Fact]
    public async Task Post_AnthropicsMessageOfTooManyBlocks_IsRefused()
    {
        string blocks = string.Join(",", Enumerable.Repeat("""{"type": "text", "text": ""}""", 4097));
        using HttpResponseMessage response = await storyteller.Server.PostAsync("/v1/messages", $$"""{"max_tokens": 1, "messages": [{"role": "user", "content": [{{blocks}}]}]}""");

        response.StatusCode.Should().Be(HttpStatusCode.BadRequest);
        (await response.Content.ReadAsStringAsync()).Should().Contain("'messages[0].content' has 4,097 values; 1 to 4,096 are allowed.");
    }

    [Theory]
    [MemberData(nameof(Bodies))]
    public async Task Post_InvalidBody_IsAnErrorThatNamesTheCause(string body, string message) =>
        (await storyteller.Server.RefuseAsync(Chat, body)).Message.Should().Be(message);
}
