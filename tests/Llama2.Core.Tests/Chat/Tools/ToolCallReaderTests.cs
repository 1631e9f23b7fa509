namespace Llama2.Tests.Chat.Tools;

public class ToolCallReaderTests
{
    private const string Call = "<tool_call>\n{\"name\": \"f\", \"arguments\": {\"a\": 1}}\n</tool_call>";

    public static TheoryData<string, string, int> Answers => new()
    {
        { "", "", 0 }, { "Hello there. ", "Hello there.", 0 }, { "  Hello", "Hello", 0 }, { Call, "", 1 }, { $"I see.\n{Call}", "I see.", 1 }, { $"{Call}\n{Call}\n", "", 2 },
        { $"a < b <tool {Call} c", "a < b <tool c", 1 }, { "a <tool_call", "a <tool_call", 0 }, { "a\n\n b", "a\n\n b", 0 },
        { "<tool_call>\n{\"name\": \"f\"", "<tool_call>\n{\"name\": \"f\"", 0 }, { "<tool_call>{}</tool_call>", "<tool_call>{}</tool_call>", 0 },
        { "<tool_call>{\"name\": \"f\", \"arguments\": {\"a\": \"</tool_call>\"}}</tool_call>", "", 1 }, { "<tool_call>[1]</tool_call>", "<tool_call>[1]</tool_call>", 0 },
        { "<tool_call>{\"name\": 3, \"arguments\": {}}</tool_call>", "<tool_call>{\"name\": 3, \"arguments\": {}}</tool_call>", 0 },
    };

    [Theory]
    [MemberData(nameof(Answers))]
    public void Append_AnswerInPiecesOfEveryLength_HasTheSameTextAndCalls(string answer, string text, int callCount)
    {
        for (int length = 1; length <= answer.Length + 1; length++)
        {
            List<LlamaToolCall> calls = [];
            ToolCallReader reader = ToolFormat.Json.CreateReader();
            string read = string.Concat(answer.Chunk(length).Select(piece => reader.Append(new string(piece), calls))) + reader.Flush();

            read.Should().Be(text);
            calls.Should().HaveCount(callCount);
        }
    }

    [Fact]
    public void Append_TextThatCannotBeACall_IsNotHeldBack()
    {
        ToolCallReader reader = ToolFormat.Json.CreateReader();

        reader.Append("It is", []).Should().Be("It is");
        reader.Append(" <b", []).Should().Be(" <b");
        reader.Append(" <tool", []).Should().BeEmpty();
        reader.Append("box>", []).Should().Be(" <toolbox>");
    }
}
