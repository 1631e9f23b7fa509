using System.ComponentModel;
using System.Text.Json;
using Llama2.Tests;
using Microsoft.Extensions.AI;
using UnitTesting;

namespace Llama2.Extensions.Tests.Chat;

public sealed class ToolCallTests(DemonstrationModel demonstration) : IClassFixture<DemonstrationModel>
{
    private static readonly AIFunction s_weather = AIFunctionFactory.Create(
        ([Description("The city")] string city, Unit unit, int? days = 1) => $"{city} {unit} {days}", "get_weather", "The weather");

    internal enum Unit
    {
        Celsius,
        Fahrenheit,
    }

    // The demonstration model never learned to call tools, so only the constraint makes it write a correct call.
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task GetStreamingResponseAsync_RequiredCall_IsOneWholeContentThatFitsTheParameters(long seed)
    {
        using LlamaChatClient client = demonstration.CreateClient();
        ChatOptions options = new() { Tools = [s_weather], ToolMode = ChatToolMode.RequireSpecific("get_weather"), Seed = seed, Temperature = 1.5f, MaxOutputTokens = 120 };

        List<ChatResponseUpdate> updates = await client.GetStreamingResponseAsync("Well?", options).ToListAsync();

        FunctionCallContent call = updates.SelectMany(update => update.Contents).OfType<FunctionCallContent>().Should().ContainSingle().Subject;
        string.Concat(updates.Select(update => update.Text)).Should().BeEmpty();
        call.Name.Should().Be("get_weather");
        call.CallId.Should().NotBeNullOrEmpty();
        ((JsonElement)call.Arguments!["city"]!).ValueKind.Should().Be(JsonValueKind.String);
        ((JsonElement)call.Arguments["unit"]!).GetString().Should().BeOneOf("Celsius", "Fahrenheit");
        updates[^1].FinishReason.Should().Be(ChatFinishReason.ToolCalls);
        updates[^1].Contents.OfType<UsageContent>().Single().Details.OutputTokenCount.Should().BeInRange(10, 120);
    }

    [Fact]
    public async Task GetResponseAsync_ToolsAndFormat_IsACallOrThatJson()
    {
        using LlamaChatClient client = CreateClient(demonstration.Model);
        for (int seed = 0; seed < 8; seed++)
        {
            ChatResponse response = await client.GetResponseAsync(
                "Well?", new ChatOptions { Tools = [AIFunctionFactory.Create(() => 1, "one")], ResponseFormat = ChatResponseFormat.ForJsonSchema<bool>(), Seed = seed, Temperature = 2, MaxOutputTokens = 60 });

            FunctionCallContent[] calls = [.. response.Messages.SelectMany(message => message.Contents).OfType<FunctionCallContent>()];
            (calls.Length == 1 ? response.Text.Length == 0 : bool.TryParse(response.Text, out _)).Should().BeTrue("'{0}' is the answer", response.Text);
        }
    }

    [Fact]
    public async Task GetStreamingResponseAsync_TextAndCalls_AreStreamedInTheirOrder()
    {
        using LlamaChatClient client = Scripted($"Let me see.\n{Call("f", "{\"a\": 1}")}\n{Call("f", "{\"a\": 2}")}");
        ChatOptions options = new() { Tools = [AIFunctionFactory.Create((int a) => a, "f")], AllowMultipleToolCalls = true };

        List<ChatResponseUpdate> updates = await client.GetStreamingResponseAsync("Well?", options).ToListAsync();

        AIContent[] contents = [.. updates.SelectMany(update => update.Contents).Where(content => content is not UsageContent)];
        string.Concat(contents.OfType<TextContent>().Select(content => content.Text)).Should().Be("Let me see.");
        contents.OfType<TextContent>().Should().HaveCountGreaterThan(2);
        contents.SkipWhile(content => content is TextContent).Should().AllBeOfType<FunctionCallContent>().And.HaveCount(2);
        contents.OfType<FunctionCallContent>().Select(call => call.CallId).Should().OnlyHaveUniqueItems();
        contents.OfType<FunctionCallContent>().Select(call => ((JsonElement)call.Arguments!["a"]!).GetInt32()).Should().Equal(1, 2);
        updates[^1].FinishReason.Should().Be(ChatFinishReason.ToolCalls);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task FunctionInvocation_CallAndAnswer_RunsTheFunctionAndShowsItsResult(bool streams)
    {
        var recorder = new PromptRecorder(new ScriptedModel(demonstration.Model.Tokenizer, Call("double", "{\"number\": 21}"), "It is 42."));
        using LlamaChatClient inner = CreateClient(recorder);
        using IChatClient client = inner.AsBuilder().UseFunctionInvocation().Build();
        var numbers = new List<int>();
        ChatOptions options = new()
        {
            Tools = [AIFunctionFactory.Create((int number) => { numbers.Add(number); return number * 2; }, "double", "Doubles a number")],
            ToolMode = ChatToolMode.RequireAny,
        };

        ChatResponse response = streams ? await client.GetStreamingResponseAsync("Well?", options).ToChatResponseAsync() : await client.GetResponseAsync("Well?", options);

        response.Text.Should().Be("It is 42.");
        numbers.Should().Equal(21);
        response.FinishReason.Should().Be(ChatFinishReason.Stop);
        response.Messages.Select(message => message.Role).Should().Equal(ChatRole.Assistant, ChatRole.Tool, ChatRole.Assistant);
        string prompt = demonstration.Model.Tokenizer.Decode(recorder.Prompts[1]);
        prompt.Should().Contain("\"description\": \"Doubles a number\"").And.Contain("[/INST] <tool_call>\n{\"name\": \"double\", \"arguments\": {\"number\": 21}}\n</tool_call>")
            .And.Contain("[INST] <tool_response>\n{\"name\": \"double\", \"content\": 42}\n</tool_response> [/INST]");
        recorder.Options.Select(call => call.Constraint!.Kind).Should().Equal("tool calls", "tool calls");
    }

    [Fact]
    public async Task FunctionInvocation_InAConversation_KeepsTheCallsThatWereMade()
    {
        var recorder = new PromptRecorder(new ScriptedModel(demonstration.Model.Tokenizer, Call("one", "{}"), "It is 1.", "Yes."));
        using LlamaChatClient inner = CreateClient(recorder);
        using IChatClient client = inner.AsBuilder().UseFunctionInvocation().Build();
        ChatOptions options = new() { Tools = [AIFunctionFactory.Create(() => 1, "one")], ConversationId = "a" };

        (await client.GetResponseAsync("Well?", options)).Text.Should().Be("It is 1.");
        (await client.GetResponseAsync("Really?", options)).Text.Should().Be("Yes.");

        demonstration.Model.Tokenizer.Decode(recorder.Prompts[2]).Should().Contain(Call("one", "{}")).And.Contain("\"content\": 1}").And.Contain("It is 1.").And.Contain("Really?");
    }

    [Fact]
    public async Task FunctionInvocation_DeclarationWithoutImplementation_ReturnsTheCall()
    {
        using LlamaChatClient inner = Scripted(Call("one", "{}"));
        using IChatClient client = inner.AsBuilder().UseFunctionInvocation().Build();

        ChatResponse response = await client.GetResponseAsync("Well?", new ChatOptions { Tools = [AIFunctionFactory.Create(() => 1, "one").AsDeclarationOnly()] });

        response.FinishReason.Should().Be(ChatFinishReason.ToolCalls);
        response.Messages.Single().Contents.OfType<FunctionCallContent>().Single().Name.Should().Be("one");
    }

    [Fact]
    public async Task GetResponseAsync_ToolsThatAreNotToBeCalled_AreNotInThePrompt()
    {
        var recorder = new PromptRecorder(new ScriptedModel(demonstration.Model.Tokenizer, "Hello."));
        using LlamaChatClient client = CreateClient(recorder);

        ChatResponse response = await client.GetResponseAsync("Well?", new ChatOptions { Tools = [s_weather], ToolMode = ChatToolMode.None });

        response.Text.Should().Be("Hello.");
        recorder.Options.Single().Constraint.Should().BeNull();
        demonstration.Model.Tokenizer.Decode(recorder.Prompts.Single()).Should().NotContain("tool");
    }

    [Theory]
    [InlineData("<tool_call>\n{\"name\": \"one\"")]
    [InlineData("a <tool_call")]
    public async Task GetResponseAsync_AnswerThatEndsWithinACall_IsText(string answer)
    {
        using LlamaChatClient client = Scripted(answer);

        ChatResponse response = await client.GetResponseAsync("Well?", new ChatOptions { Tools = [s_weather] });

        (response.Text, response.FinishReason).Should().Be((answer, ChatFinishReason.Stop));
    }

    [Fact]
    public async Task GetResponseAsync_StopThatOccursInARequiredCall_DoesNotCutIt()
    {
        using LlamaChatClient client = CreateClient(demonstration.Model);

        ChatResponse response = await client.GetResponseAsync("Well?", new ChatOptions { Tools = [s_weather], ToolMode = ChatToolMode.RequireAny, StopSequences = ["}", "\""] });

        response.Messages.Single().Contents.OfType<FunctionCallContent>().Should().ContainSingle();
    }

    private static string Call(string name, string arguments) => $"<tool_call>\n{{\"name\": \"{name}\", \"arguments\": {arguments}}}\n</tool_call>";

    private static LlamaChatClient CreateClient(ILlamaModel model) => new(model, new LlamaChatClientOptions { PromptFormat = PromptFormat.Llama2, DescribeResponseFormat = false });

    private LlamaChatClient Scripted(params string[] answers) => CreateClient(new ScriptedModel(demonstration.Model.Tokenizer, answers));
}
