using Llama2.Tests;
using Microsoft.Extensions.AI;
using static Llama2.Extensions.Tests.ToolTexts;

namespace Llama2.Extensions.Tests.Chat;

/// <summary>Functions that a person has to approve, and histories in which a call has no result.</summary>
public sealed class ToolApprovalTests(DemonstrationModel demonstration) : IClassFixture<DemonstrationModel>
{
    public static TheoryData<string> FormatNames => [.. PromptFormat.Presets.Select(format => format.Name)];

    [Theory]
    [InlineData(true, true)]
    [InlineData(true, false)]
    [InlineData(false, true)]
    [InlineData(false, false)]
    public async Task FunctionInvocation_ApprovalRequired_WaitsForItAndEveryCallHasItsResult(bool approves, bool streams)
    {
        int count = 0;
        ConstrainedScript script = Script(Call("delete_file", """{"name": "a.txt"}"""), "Done.", "You are welcome.");
        using IChatClient client = Client(script).AsBuilder().UseFunctionInvocation().Build();
        ChatOptions options = new() { Tools = [new ApprovalRequiredAIFunction(AIFunctionFactory.Create((string name) => $"{++count} file {name}", "delete_file"))] };
        List<ChatMessage> history = [new(ChatRole.User, "Delete it.")];

        ChatResponse asks = await GetAsync(client, history, options, streams);
        history.AddMessages(asks);
        ToolApprovalRequestContent request = asks.Messages.SelectMany(message => message.Contents).OfType<ToolApprovalRequestContent>().Should().ContainSingle().Subject;
        count.Should().Be(0);
        history.Add(new ChatMessage(ChatRole.User, [request.CreateResponse(approves)]));
        ChatResponse done = await GetAsync(client, history, options, streams);
        history.AddMessages(done);
        history.Add(new ChatMessage(ChatRole.User, "Thanks."));
        ChatResponse last = await GetAsync(client, history, options, streams);

        (done.Text, last.Text, count).Should().Be(("Done.", "You are welcome.", approves ? 1 : 0));
        ((FunctionCallContent)request.ToolCall).Name.Should().Be("delete_file");
        AIContent[] contents = [.. done.Messages.SelectMany(message => message.Contents)];
        contents.OfType<FunctionCallContent>().Select(call => call.CallId).Should().Equal(contents.OfType<FunctionResultContent>().Select(result => result.CallId)).And.ContainSingle();
        foreach (string prompt in script.Prompts[1..])
        {
            prompt.Should().Contain(Call("delete_file", """{"name": "a.txt"}""")).And.Contain(approves ? "1 file a.txt" : "rejected");
            (Count(prompt, "<tool_response>\n{\"name\": \"delete_file\""), Count(prompt, Call("delete_file", """{"name": "a.txt"}"""))).Should().Be((1, 1));
        }
    }

    // Instead of approving the call, the user asks something else. The application sends the whole history, without the middleware that pairs approval
    // requests with their responses.
    [Theory]
    [MemberData(nameof(FormatNames))]
    public async Task GetResponseAsync_ApprovalThatWasNeverGiven_IsLeftOut(string formatName)
    {
        ConstrainedScript script = Script("Noon.");
        using LlamaChatClient client = Client(script, formatName);
        var request = new ToolApprovalRequestContent("1", new FunctionCallContent("a", "delete_file", new Dictionary<string, object?> { ["name"] = "a.txt" }));
        ChatMessage[] history =
        [
            new(ChatRole.User, "Delete it."), new(ChatRole.Assistant, [request]), new(ChatRole.User, [request.CreateResponse(false)]), new(ChatRole.User, "Then say when."),
        ];

        ChatResponse response = await client.GetResponseAsync(history);

        response.Text.Should().Be("Noon.");
        script.Prompts.Single().Should().Contain("Delete it.").And.Contain("Then say when.").And.NotContain("tool_").And.NotContain("a.txt");
    }

    [Theory]
    [MemberData(nameof(FormatNames))]
    public async Task GetResponseAsync_CallWithoutAResult_IsReadInEveryFormat(string formatName)
    {
        ConstrainedScript script = Script("Noon.");
        using LlamaChatClient client = Client(script, formatName);
        ChatMessage[] history =
        [
            new(ChatRole.User, "Delete it."), new(ChatRole.Assistant, [new FunctionCallContent("a", "delete_file")]), new(ChatRole.User, "Then say when."),
        ];

        ChatResponse response = await client.GetResponseAsync(history, new ChatOptions { Tools = [AIFunctionFactory.Create(() => 1, "delete_file")] });

        response.Text.Should().Be("Noon.");
        string prompt = script.Prompts.Single();
        int question = prompt.IndexOf("Delete it.", StringComparison.Ordinal), call = prompt.IndexOf(Call("delete_file"), StringComparison.Ordinal);
        (question < call && call < prompt.IndexOf("Then say when.", StringComparison.Ordinal)).Should().BeTrue("'{0}' has all in order", prompt);
    }

    [Theory]
    [MemberData(nameof(FormatNames))]
    public async Task GetResponseAsync_ResultWithoutACall_IsReadInEveryFormat(string formatName)
    {
        ConstrainedScript script = Script("Noon.");
        using LlamaChatClient client = Client(script, formatName);

        ChatResponse response = await client.GetResponseAsync([new(ChatRole.Tool, [new FunctionResultContent("lost", "12:00")]), new(ChatRole.User, "When?")]);

        response.Text.Should().Be("Noon.");
        script.Prompts.Single().Should().Contain("12:00").And.Contain("When?");
    }

    private static async Task<ChatResponse> GetAsync(IChatClient client, List<ChatMessage> history, ChatOptions options, bool streams) =>
        streams ? await client.GetStreamingResponseAsync(history, options).ToChatResponseAsync() : await client.GetResponseAsync(history, options);

    private static int Count(string text, string part) => text.Split(part).Length - 1;

    private static LlamaChatClient Client(ConstrainedScript script, string formatName = "chatml") =>
        new(script, new LlamaChatClientOptions { PromptFormat = PromptFormat.Presets.Single(format => format.Name == formatName) });

    private ConstrainedScript Script(params string[] answers) => new(demonstration.Model.Tokenizer, answers);
}
