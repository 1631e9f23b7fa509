using Llama2.Chat;

namespace Llama2.Tests.Chat;

public class AnswerPromptsTests
{
    [Theory]
    [InlineData(5, 3)]
    [InlineData(6, 2)]
    public void Check_PromptsThatTakeLongTogether_AreStopped(int seconds, int checkedCount)
    {
        var clock = new ManualTimeProvider();
        List<int> rendered = [];
        AnswerPrompts prompts = Create(clock, index =>
        {
            clock.Advance(TimeSpan.FromSeconds(seconds));
            rendered.Add(index);
        });

        Action check = () => prompts.Check(_ => true);

        if (checkedCount < 3)
            check.Should().Throw<PromptFormatException>().WithMessage("Message 3 *more than 10 seconds*Cut the conversation*").Which.MessageIndex.Should().Be(3);
        else
            check.Should().NotThrow();
        rendered.Should().Equal(Enumerable.Range(1, checkedCount));
    }

    [Fact]
    public void Check_AnswersThatAreNotLearned_AreNotRendered()
    {
        List<int> rendered = [];

        Create(new ManualTimeProvider(), rendered.Add).Check(index => index != 2);

        rendered.Should().Equal(1, 3);
    }

    // A conversation in which each character is a message. The prompt for an answer is the text before that answer.
    private static AnswerPrompts Create(TimeProvider clock, Action<int> onRender)
    {
        const string Text = "abcd";
        var prompts = new AnswerPrompts(Rendered(Text), introduction: null, begin: "", clock, index =>
        {
            onRender(index);
            return Rendered(Text[..index]);
        });
        for (int index = 1; index < Text.Length; index++)
            prompts.Add(index, index, index);
        return prompts;
    }

    private static RenderedTemplate Rendered(string text) => new(text, [new RenderedRun(0, text.Length, IsData: false)]);
}
