using System.Text.Json;
using Llama2.Extensions.Tests;
using Llama2.Tests;

namespace Llama2.Server.Tests.Anthropic;

public sealed class CountTokensTests(Storyteller storyteller) : IClassFixture<Storyteller>
{
    internal const string Path = "/v1/messages/count_tokens";
    private const string Tool = """{"name": "get_temperature", "input_schema": {"type": "object", "properties": {"city": {"type": "string"}}}}""";

    [Theory]
    [InlineData("\"system\": \"Be brief.\"")]
    [InlineData($"\"tools\": [{Tool}]")]
    [InlineData($"\"tools\": [{Tool}], \"tool_choice\": {{\"type\": \"any\"}}")]
    [InlineData($"\"tools\": [{Tool}], \"tool_choice\": {{\"type\": \"none\"}}")]
    [InlineData("\"output_config\": {\"format\": {\"type\": \"json_schema\", \"schema\": {\"type\": \"object\"}}}")]
    public async Task Post_Request_IsTheNumberOfTokensThatTheModelReads(string fields)
    {
        string request = $$"""{"messages": [{"role": "user", "content": "A cow?"}, {"role": "assistant", "content": "Yes."}, {"role": "user", "content": "Well?"}], {{fields}}""";
        ModelTokenizer tokenizer = ModelTokenizer.Load(DemonstrationModel.Path);
        var script = new PromptRecorder(new UnitTesting.ScriptedModel(tokenizer, "Yes."));
        await using LocalServer server = await LocalServer.StartAsync(script);

        JsonElement count = await server.AskAsync(Path, request + "}");
        await server.AskAsync(MessagesTests.Path, request + ", \"max_tokens\": 100}");

        // Counting does not call the model.
        count.GetRawText().Should().Be($$"""{"input_tokens":{{script.Prompts.Single().Length}}}""");
    }

    [Fact]
    public async Task Post_KnownPrompt_IsCountedAsIfItWereNew()
    {
        JsonElement usage = (await storyteller.Server.AskAsync(MessagesTests.Path, MessagesTests.Ask("\"top_k\": 1", maxTokens: 1))).GetProperty("usage");

        JsonElement count = await storyteller.Server.AskAsync(Path, $$"""{"messages": [{"role": "user", "content": "{{Storyteller.Question}}"}]}""");

        count.GetProperty("input_tokens").GetInt32().Should().Be(MessagesTests.PromptTokens(usage));
    }

    [Fact]
    public async Task Post_PromptLongerThanTheContext_IsCounted()
    {
        JsonElement count = await storyteller.Server.AskAsync(
            Path, $$"""{"messages": [{"role": "user", "content": "{{string.Concat(Enumerable.Repeat("cow ", 20_000))}}"}]}""");

        count.GetProperty("input_tokens").GetInt32().Should().BeGreaterThan(20_000);
    }

    [Theory]
    [InlineData("\"max_tokens\": 9", "max_tokens")]
    [InlineData("\"stream\": false", "stream")]
    [InlineData("\"output_config\": {\"format\": {\"type\": \"json_schema\", \"schema\": {\"type\": \"nonsense\"}}}", "output_config.format.schema")]
    public async Task Post_FieldThatIsNotValid_IsNamed(string field, string param)
    {
        MessageRefusal refusal = await MessageRefusal.PostAsync(storyteller.Server, Path, $$"""{"messages": [{"role": "user", "content": "a"}], {{field}} }""");

        refusal.Should().BeEquivalentTo(new { Status = System.Net.HttpStatusCode.BadRequest, Type = "invalid_request_error" });
        MessageRefusal.FieldOf(refusal).Should().Be(param);
    }
}
