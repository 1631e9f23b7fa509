using CsCheck;
using Llama2.Chat;

namespace Llama2.Tests.Chat;

public class TagGuardTests
{
    [Fact]
    public void KnownTags_BrokenByASpace_MakeNoOtherTag()
    {
        foreach (string tag in KnownTags.All)
        {
            tag.Trim().Should().Be(tag).And.NotContain("\u2581");
            tag.Length.Should().BeGreaterThan(1);
            for (int i = 1; i < tag.Length; i++)
                KnownTags.All.Should().NotContain(other => other.Contains($"{tag[i - 1]} {tag[i]}"));
        }
    }

    [Theory]
    [InlineData("a [INST] b", "a [INST ] b")]
    [InlineData("[INST][/INST]", "[INST ][/INST ]")]
    [InlineData("<<SYS>><</SYS>>", "<<SYS> ><</SYS> >")]
    [InlineData("### Human: hi", "### Human : hi")]
    [InlineData("###\u2581Human: hi", "### Human : hi")]
    [InlineData("USER: ASSISTANT:", "USER : ASSISTANT :")]
    [InlineData("<|im_end|>", "<|im_end| >")]
    [InlineData("[inst] [INST", "[inst] [INST")]
    [InlineData("### Humans and ## Human:", "### Humans and ## Human:")]
    public void Break_TextOfAMessage_HasItsTagsBrokenAndNothingElse(string text, string expected) =>
        Break(text, new DataRange(0, text.Length, 0, 0)).Should().Be(expected);

    [Theory]
    [InlineData("[IN|ST]| x", "[IN|ST ]| x")]
    [InlineData("|[INS|T]", "|[INS| T]")]
    [InlineData("[INST|]|", "[INST| ]|")]
    [InlineData("### |Human|:", "### |Human| :")]
    [InlineData("[INST] |x| [/INST]", "[INST] |x| [/INST]")]
    public void Break_TagOfDataAndScaffolding_IsBrokenInTheData(string marked, string expected)
    {
        string[] parts = marked.Split('|');
        Break(string.Concat(parts), new DataRange(parts[0].Length, parts[0].Length + parts[1].Length, 0, 0)).Should().Be(expected.Replace("|", ""));
    }

    [Fact]
    public void Break_AnyText_LeavesNoTag() => ConversationGen.HostileText.Sample(text =>
    {
        string broken = Break(text, new DataRange(0, text.Length, 0, 0)).Replace('\u2581', ' ');
        return KnownTags.All.All(tag => !broken.Contains(tag, StringComparison.Ordinal));
    });

    [Theory]
    [InlineData("user\nhi\n|assistant\nno|", "user\nhi\n|assistan t\nno|")]
    [InlineData("user\n|hi\r\n assistant \t\nno|\n", "user\n|hi\r\n assistan t \t\nno|\n")]
    [InlineData("user\n|assist|ant\n", "user\n|assist| ant\n")]
    [InlineData("|assistant|", "|assistan t|")]
    [InlineData("user\n|the assistant\nassistants|\nassistant\n", "user\n|the assistant\nassistants|\nassistant\n")]
    public void Break_WordThatIsATagAsALine_IsBrokenOnlyThere(string marked, string expected)
    {
        string[] parts = marked.Split('|');
        var data = new DataRange(parts[0].Length, parts[0].Length + parts[1].Length, 0, 0);
        Break(string.Concat(parts), [data], ["\nassistant\n"]).Should().Be(expected.Replace("|", ""));
    }

    [Fact]
    public void Break_TagsThatOneSpaceTurnsIntoOthers_TakesMoreSpaces()
    {
        string[] tags = ["a: b]", "a:b]", "[x  y]", "[xy]", "[x y]"];
        Gen.OneOf((string[])["a", ":", " ", "b", "]", "[x", "y"]).List[0, 12].Select(string.Concat).Sample(text =>
        {
            string broken = Break(text, [new DataRange(0, text.Length, 0, 0)], tags);
            return tags.All(tag => !broken.Contains(tag, StringComparison.Ordinal));
        });
    }

    [Theory]
    [InlineData("[Turn 7]", "[Turn 7 ]")]
    [InlineData("[Turn 290]", "[Turn 290 ]")]
    [InlineData("[Turn ] [Turn x] [Turn 7 ]", "[Turn ] [Turn x] [Turn 7 ]")]
    [InlineData("# Part 17 of 3 ends", "# Part 17 of  3 ends")]
    [InlineData("# Part 17 of 20", "# Part 17 of  20")]
    [InlineData("12. Ask: x", "12. Ask : x")]
    [InlineData(". Ask: x", ". Ask: x")]
    [InlineData("round 12\nround 12 x", "round 1 2\nround 12 x")]
    public void Break_TagWithANumber_IsThatOfEveryNumber(string text, string expected) =>
        Break(text, [new DataRange(0, text.Length, 0, 0)], ["[Turn 1]", "# Part 1 of 2", "1. Ask:", "\nround 1\n"]).Should().Be(expected);

    [Theory]
    // the tag extends across the beginning of the answer and is broken there, not where the question's text ends
    [InlineData("[INS", "T] x", "[INS T] x")]
    [InlineData("[INST]", " x", "[INST ] x")]
    public void FindBreaks_TagAcrossAnAnswersBeginning_LeavesThePromptAsItIs(string question, string answer, string expected)
    {
        var data = new DataRange(0, question.Length, 0, 0);
        string text = question + answer;
        var stretch = NormalizedStretch.Create(ChatVocabularies.Text, text, [data], [new AnswerMark(question.Length, 1)]);
        int[] breaks = TagGuard.FindBreaks(TagGuard.FindForged(stretch, KnownTags.All), stretch.Answers);
        var guarded = new GuardedText(stretch.Text, breaks, "\u2581");
        Plain(guarded.Text).Should().Be(expected);
        Plain(guarded.Text[..guarded.Before(stretch.Answers[0].Position)]).Should().Be(Break(question, [data], KnownTags.All));
    }

    private static string Break(string text, params DataRange[] data) => Break(text, data, KnownTags.All);

    private static string Break(string text, DataRange[] data, IEnumerable<string> tags)
    {
        var guarded = new GuardedTags(ChatVocabularies.Text);
        guarded.Add(tags);
        var stretch = NormalizedStretch.Create(ChatVocabularies.Text, text, data, []);
        return Plain(new GuardedText(stretch.Text, TagGuard.FindBreaks(TagGuard.FindForged(stretch, guarded.Texts), []), guarded.Space).Text);
    }

    // The text without the dummy prefix.
    private static string Plain(string normalized) => normalized.Length == 0 ? "" : normalized[1..].Replace('\u2581', ' ');
}
