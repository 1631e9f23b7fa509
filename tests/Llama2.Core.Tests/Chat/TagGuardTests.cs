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
    [InlineData("###\u2581Human: hi", "###\u2581Human : hi")]
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

    private static string Break(string text, params DataRange[] data) => TagGuard.Break(text, TagGuard.FindForged(text, data, KnownTags.All));
}
