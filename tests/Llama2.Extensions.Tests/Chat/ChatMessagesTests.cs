using System.Text.Json;
using Llama2.Extensions.Chat;
using Microsoft.Extensions.AI;

namespace Llama2.Extensions.Tests.Chat;

public class ChatMessagesTests
{
    [Fact]
    public void Read_EveryRole_IsTheSameRole() =>
        ChatMessages.Read([new(ChatRole.System, "a"), new(ChatRole.User, "b"), new(ChatRole.Assistant, "c")])
            .Should().Equal(LlamaMessage.System("a"), LlamaMessage.User("b"), LlamaMessage.Assistant("c"));

    [Fact]
    public void Read_SeveralTexts_BecomeOne() =>
        ChatMessages.Read([new(ChatRole.User, [new TextContent("Once "), new TextContent("upon")])]).Should().Equal(LlamaMessage.User("Once upon"));

    [Fact]
    public void Read_EmptyText_IsAMessage() => ChatMessages.Read([new(ChatRole.User, "")]).Should().Equal(LlamaMessage.User(""));

    [Theory]
    [MemberData(nameof(ContentsWithoutText))]
    public void Read_ContentWithoutAPlaceInAPrompt_IsLeftOut(params AIContent[] contents)
    {
        ChatMessages.Read([new(ChatRole.User, "a"), new(ChatRole.Assistant, contents), new(ChatRole.User, "b")])
            .Should().Equal(LlamaMessage.User("a"), LlamaMessage.User("b"));
        ChatMessages.Read([new(ChatRole.Assistant, [new TextContent("a"), .. contents, new TextContent("b")])]).Should().Equal(LlamaMessage.Assistant("ab"));
    }

    public static TheoryData<AIContent[]> ContentsWithoutText => new()
    {
        Array.Empty<AIContent>(), new AIContent[] { new UsageContent() }, new AIContent[] { new TextReasoningContent("hm") }, new AIContent[] { new ErrorContent("fault") },
        new AIContent[] { new() { RawRepresentation = 1 } }, new AIContent[] { new UsageContent(), new TextReasoningContent("hm") },
    };

    [Fact]
    public void Read_RoleDeveloper_IsSystem() =>
        ChatMessages.Read([new(new ChatRole("developer"), "a"), new(new ChatRole("Developer"), "b")]).Should().Equal(LlamaMessage.System("a"), LlamaMessage.System("b"));

    [Theory]
    [MemberData(nameof(OtherContents))]
    public void Read_ContentOtherThanText_IsRefusedByItsName(AIContent content) =>
        Reading(new(ChatRole.User, "text"), new(ChatRole.User, [new TextContent("see"), content]))
            .Should().Throw<NotSupportedException>().WithMessage($"Message 1 has {content.GetType().Name}*");

    public static TheoryData<AIContent> OtherContents =>
    [
        new DataContent("data:image/png;base64,AAAA"), new UriContent("https://example.org/a.png", "image/png"),
        new HostedFileContent("1"),
    ];

    [Fact]
    public void Read_UnknownRole_IsRefusedByItsName() =>
        Reading(new ChatMessage(new ChatRole("judge"), "42")).Should().Throw<NotSupportedException>().WithMessage("Message 0*'judge'*");

    [Fact]
    public void Read_CallsAndResults_AreCallsOfTheAnswerAndMessagesOfTools() =>
        ChatMessages.Read(
        [
            new(ChatRole.User, "Well?"),
            new(ChatRole.Assistant, [new TextContent("I ask."), new FunctionCallContent("1", "f", new Dictionary<string, object?> { ["a"] = 1, ["b"] = JsonElement.Parse("[true]"), ["c"] = null }), new FunctionCallContent("2", "g")]),
            new(ChatRole.Tool, [new FunctionResultContent("1", "<4>"), new FunctionResultContent("2", new[] { 4.5 })]),
            new(ChatRole.Tool, [new FunctionResultContent("3", null)]),
            new(ChatRole.Assistant, "Four."),
        ])
            .Should().Equal(
                LlamaMessage.User("Well?"),
                LlamaMessage.Assistant("I ask.", [Call("f", """{"a": 1, "b": [true], "c": null}""", "1"), Call("g", "{}", "2")]),
                LlamaMessage.Tool(Call("f", "{}", "1"), "<4>"),
                LlamaMessage.Tool(Call("g", "{}", "2"), "[4.5]"),
                new LlamaMessage(LlamaRole.Tool, "null") { ToolCallId = "3" },
                LlamaMessage.Assistant("Four."));

    // A result does not contain the name of its tool; the name comes from the earlier call with the same id.
    [Fact]
    public void Read_ResultOfAnEarlierCall_HasTheNameOfItsTool() =>
        ChatMessages.Read([new(ChatRole.Tool, [new FunctionResultContent("1", "4")])], [LlamaMessage.User("Well?"), LlamaMessage.Assistant("", [Call("f", "{}", "1")])])
            .Should().Equal(LlamaMessage.Tool(Call("f", "{}", "1"), "4"));

    [Fact]
    public void Read_MessageWithTextAndResults_KeepsTheirOrder() =>
        ChatMessages.Read([new(ChatRole.User, [new FunctionResultContent("1", 4), new TextContent("And now?")])])
            .Should().Equal(new LlamaMessage(LlamaRole.Tool, "4") { ToolCallId = "1" }, LlamaMessage.User("And now?"));

    [Fact]
    public void Read_ResultThatIsAnImage_IsRefused() =>
        Reading(new ChatMessage(ChatRole.Tool, [new FunctionResultContent("1", new DataContent("data:image/png;base64,AAAA"))])).Should().Throw<NotSupportedException>().WithMessage("*DataContent*");

    [Fact]
    public void Read_NullMessage_IsAnErrorThatCountsIt() =>
        Reading(new(ChatRole.User, "text"), null!).Should().Throw<ArgumentException>().WithMessage("Message 1 is null*");

    [Fact]
    public void Arrange_Instructions_AreTheFirstSystemMessage() =>
        ChatMessages.Arrange("Be brief.", [LlamaMessage.User("Hello")]).Should().Equal(LlamaMessage.System("Be brief."), LlamaMessage.User("Hello"));

    [Fact]
    public void Arrange_InstructionsAndSystemMessages_AreOneMessageWithTheInstructionsFirst() =>
        ChatMessages.Arrange("Be brief.", [LlamaMessage.System("Be kind."), LlamaMessage.System("Be just."), LlamaMessage.User("Hello")])
            .Should().Equal(LlamaMessage.System("Be brief.\n\nBe kind.\n\nBe just."), LlamaMessage.User("Hello"));

    [Fact]
    public void Arrange_EmptySystemMessage_IsLeftOut() =>
        ChatMessages.Arrange(null, [LlamaMessage.System(""), LlamaMessage.User("Hello")]).Should().Equal(LlamaMessage.User("Hello"));

    [Fact]
    public void Arrange_LaterSystemMessage_StaysWhereItIs()
    {
        LlamaMessage[] messages = [LlamaMessage.User("Hello"), LlamaMessage.System("Now be brief."), LlamaMessage.User("Well?")];

        ChatMessages.Arrange(null, messages).Should().Equal(messages);
    }

    [Fact]
    public void Read_RefusedMessage_IsCountedAmongAllThatAreGiven() =>
        Reading(new(ChatRole.User, [new UsageContent()]), new(ChatRole.User, [new DataContent("data:image/png;base64,AAAA")]))
            .Should().Throw<NotSupportedException>().WithMessage("Message 1 has DataContent*");

    private static Action Reading(params ChatMessage[] messages) => () => ChatMessages.Read(messages);

    private static LlamaToolCall Call(string name, string arguments, string id) => new(name, JsonElement.Parse(arguments)) { Id = id };
}
