using Llama2.Chat;

namespace Llama2.Tests.Chat;

public class ChatSessionTurnTests
{
    private static readonly LlamaMessage[] s_answered = [LlamaMessage.User("e"), LlamaMessage.Assistant("ee")];
    private static readonly LlamaMessage[] s_next = [.. s_answered, LlamaMessage.User("eee")];

    public static TheoryData<string> FormatsThatEndAnswersWithAToken => ["llama-2", "vicuna-v1.1", "alpaca", "chatml", "zephyr", "mistral-instruct"];

    [Theory]
    [MemberData(nameof(FormatsThatEndAnswersWithAToken))]
    public void Splice_OtherTokensForTheSameAnswer_AreFollowedByWhatFollowsTheAnswer(string name)
    {
        PromptFormat format = PromptFormat.FindPreset(name)!;
        ModelTokenizer tokenizer = ChatVocabularies.Control;
        int end = name == "chatml" ? tokenizer.FindSpecialToken("<|im_end|>") : tokenizer.EndOfSequenceId;
        int[] prompt = Encode(format, s_answered[..1], true), generated = [7, 7, 7, end];
        var turn = new ChatSessionTurn(s_answered, [.. prompt, .. generated]);

        int[] spliced = turn.Splice(Encode(format, s_next, true), messages => Encode(format, messages, false))!;

        spliced.Should().StartWith([.. prompt, .. generated]);
        int[] rest = spliced[(prompt.Length + generated.Length)..];
        int[] encoded = Encode(format, s_next, true);
        encoded.Should().EndWith(rest);
        encoded[^(rest.Length + 1)].Should().Be(end, "the rest begins where the answer ends");
        rest.Length.Should().BeLessThan(encoded.Length - prompt.Length);
    }

    [Theory]
    [InlineData("vicuna-v0")]
    [InlineData("plain")]
    [InlineData("chatml")]
    public void Splice_AnswerThatAnotherTokenEnded_IsNull(string name)
    {
        PromptFormat format = PromptFormat.FindPreset(name)!;
        var turn = new ChatSessionTurn(s_answered, [1, 7, ChatVocabularies.Control.EndOfSequenceId]);

        turn.Splice(Encode(format, s_next, true), messages => Encode(format, messages, false)).Should().BeNull();
    }

    [Fact]
    public void Begins_OnlyLongerConversationsWithTheSameTexts()
    {
        var turn = new ChatSessionTurn(s_answered, [1]);

        turn.Begins(s_next).Should().BeTrue();
        turn.Begins([LlamaMessage.User("e"), LlamaMessage.Assistant("ee"), LlamaMessage.User("other")]).Should().BeTrue();
        turn.Begins(s_answered).Should().BeFalse();
        turn.Begins([LlamaMessage.User("e"), LlamaMessage.Assistant("e e"), LlamaMessage.User("eee")]).Should().BeFalse();
        turn.Begins([]).Should().BeFalse();
    }

    private static int[] Encode(PromptFormat format, LlamaMessage[] messages, bool addGenerationPrompt)
        => format.Encode(messages, ChatVocabularies.Control, addGenerationPrompt: addGenerationPrompt);
}
