namespace Llama2.Guard.Tests.Judging;

public class GuardVerdictTests
{
    private static readonly GuardCategory s_first = new("O1", "First"), s_second = new("O2", "Second");

    [Fact]
    public void FromFindings_None_IsSafe()
    {
        GuardVerdict.FromFindings([]).Should().BeSameAs(GuardVerdict.Safe);
        GuardVerdict.FromFindings([new(s_first, "word", 0, 1, GuardAction.Ignore)]).IsSafe.Should().BeTrue();
    }

    [Fact]
    public void FromFindings_OneThatBlocks_IsUnsafeWithItsCategoryOnly()
    {
        GuardVerdict verdict = GuardVerdict.FromFindings([new(s_second, "b", 9, 1, GuardAction.Block), new(s_first, "a", 2, 3, GuardAction.Mask), new(s_second, "b", 4, 1, GuardAction.Block)]);

        verdict.IsSafe.Should().BeFalse();
        verdict.Categories.Should().Equal(s_second);
        verdict.Findings.Select(finding => finding.Start).Should().Equal(2, 4, 9);
        verdict.ToString().Should().Be("unsafe (O2: Second)");
    }

    [Theory]
    [InlineData("ab", 1, 1, 0, 0, "a[x]")]
    [InlineData("abcdef", 1, 2, 4, 1, "a[x]d[y]f")]
    [InlineData("abcdef", 1, 3, 2, 3, "a[x]f")]
    [InlineData("abcdef", 0, 6, 2, 2, "[x]")]
    [InlineData("abcdef", 0, 3, 3, 3, "[x][y]")]
    public void ApplyMasks_Findings_AreReplacedByTheirKinds(string text, int start, int length, int otherStart, int otherLength, string expected)
    {
        List<GuardFinding> findings = [new(s_first, "x", start, length, GuardAction.Mask)];
        if (otherLength > 0)
            findings.Add(new(s_first, "y", otherStart, otherLength, GuardAction.Mask));

        GuardVerdict.FromFindings(findings).ApplyMasks(text).Should().Be(expected);
    }

    [Fact]
    public void ApplyMasks_AnotherText_IsRefused()
    {
        GuardVerdict verdict = GuardVerdict.FromFindings([new(s_first, "x", 3, 4, GuardAction.Mask)]);

        verdict.Invoking(v => v.ApplyMasks("short")).Should().Throw<ArgumentException>().WithMessage("*ends at character 7*");
    }

    [Fact]
    public void Equals_SameContents_IsTrue()
    {
        GuardVerdict.Unsafe(s_first).Should().Be(GuardVerdict.Unsafe(new GuardCategory("O1", "First")));
        GuardVerdict.Unsafe(s_first).Should().NotBe(GuardVerdict.Unsafe(s_second));
    }
}
