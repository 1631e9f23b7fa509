using System.Text.Json;

namespace Llama2.Tests.Chat;

/// <summary>Messages that state themselves whether they are learned, and the tools of a conversation that is learned.</summary>
public class LearnedMessageTests
{
    private static readonly LlamaToolCall s_call = new("add", JsonElement.Parse("""{"a":1}""")) { Id = "c1" };

    public static TheoryData<PromptFormat, string> UsersTurns => new()
    {
        { PromptFormat.Llama2, "Hello" },
        { PromptFormat.Vicuna, "Hello" },
        { PromptFormat.ChatMl, "Hello<|im_end|>" },
        { PromptFormat.Zephyr, "Hello</s>" },
    };

    [Fact]
    public void EncodeForTraining_AnswerThatIsNotLearned_HasTheSameTokensWithoutMarks()
    {
        LlamaMessage[] messages = [LlamaMessage.User("Hello"), LlamaMessage.Assistant("Hi!"), LlamaMessage.User("Who are you?"), LlamaMessage.Assistant("A llama.")];
        LlamaMessage[] second = [messages[0], messages[1] with { IsLearned = false }, messages[2], messages[3]];

        foreach (PromptFormat format in PromptFormat.Presets)
        {
            int[] all = format.EncodeForTraining(messages, ChatVocabularies.Text, out bool[] allMask);
            int[] tokens = format.EncodeForTraining(second, ChatVocabularies.Text, out bool[] mask);

            tokens.Should().Equal(all);
            int begin = format.Encode(messages[..3], ChatVocabularies.Text).Length;
            mask.Should().Equal(allMask.Select((isLearned, i) => isLearned && i >= begin), format.Name);
        }
    }

    [Theory]
    [MemberData(nameof(UsersTurns))]
    public void EncodeForTraining_UserThatIsLearned_HasMarksOnItsTextAndEnd(PromptFormat format, string expected)
    {
        LlamaMessage[] messages = [LlamaMessage.User("Hello") with { IsLearned = true }, LlamaMessage.Assistant("Hi!") with { IsLearned = false }];

        int[] tokens = format.EncodeForTraining(messages, ChatVocabularies.Control, out bool[] mask);

        ChatVocabularies.Render(ChatVocabularies.Control, [.. tokens.Where((_, i) => mask[i])]).Trim().Should().Be(expected);
    }

    [Fact]
    public void EncodeForTraining_ToolsAndCalls_AreThoseOfThePromptAndCallsAreLearned()
    {
        LlamaMessage[] messages = [LlamaMessage.User("1 + 1?"), LlamaMessage.Assistant("", [s_call]), LlamaMessage.Tool(s_call, "2"), LlamaMessage.Assistant("It is 2.")];
        LlamaTool[] tools = [new("add", "Adds.")];

        foreach (PromptFormat format in PromptFormat.Presets)
        {
            int[] tokens = format.EncodeForTraining(messages, ChatVocabularies.Text, out bool[] mask, tools: tools);

            tokens.Should().Equal(format.Encode(messages, ChatVocabularies.Text, addGenerationPrompt: false, tools: tools));
            string learned = ChatVocabularies.Text.Decode([.. tokens.Where((_, i) => mask[i])]);
            learned.Should().Contain("<tool_call>\n{\"name\": \"add\", \"arguments\": {\"a\": 1}}\n</tool_call>").And.Contain("It is 2.").And.NotContain("tool_response").And.NotContain("Adds.");
        }
    }

    [Fact]
    public void EncodeForTraining_MessageThatToolsShareATurnWith_CannotBeLearnedAlone()
    {
        LlamaMessage system = LlamaMessage.System("Be brief.") with { IsLearned = true };

        PromptFormat.ChatMl.Invoking(format => format.EncodeForTraining([system, LlamaMessage.User("a"), LlamaMessage.Assistant("b")], ChatVocabularies.Text, out _, tools: [new LlamaTool("add")]))
            .Should().Throw<PromptFormatException>().WithMessage("*System is to be learned*let only answers be learned*");
    }

    [Fact]
    public void EncodeForTraining_TemplateThatWritesToolsItself_IsRefused()
    {
        const string Template =
            """
            {%- if tools %}<|im_start|>system
            {%- for tool in tools %}
            {{ tool | tojson }}
            {%- endfor %}<|im_end|>
            {% endif %}
            {%- for message in messages %}
            {{- '<|im_start|>' + message.role + '\n' + (message.content or '') }}
            {%- for call in message.tool_calls or [] %}
            {{- '\n<tool_call>\n{"name": "' + call.function.name + '", "arguments": ' + call.function.arguments | tojson + '}\n</tool_call>' }}
            {%- endfor %}
            {{- '<|im_end|>\n' }}
            {%- endfor %}
            {%- if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}
            """;
        PromptFormat format = PromptFormat.ForTemplate(Template);
        format.ToolFormat.Should().NotBeAssignableTo<TextToolFormat>();

        format.Invoking(it => it.EncodeForTraining([LlamaMessage.User("a"), LlamaMessage.Assistant("b")], ChatVocabularies.Text, out _, tools: [new LlamaTool("add")]))
            .Should().Throw<PromptFormatException>().WithMessage("*use one of the presets*");
    }
}
