using Llama2.Adapters;

namespace Llama2.Tests.Adapters;

// Expected values are those of Python's re.match(rf"(.*\.)?({key})$", module), by which PEFT matches.
public class ModulePatternsTests
{
    [Theory]
    [InlineData("q_proj", true)]
    [InlineData("layers.1.self_attn.q_proj", true)]
    [InlineData("model.layers.1.self_attn.q_proj", true)]
    [InlineData("proj", false)]
    [InlineData("model", false)]
    [InlineData("layers.1", false)]
    [InlineData(".*q_proj", true)]
    [InlineData(".*", true)]
    [InlineData("(q|k)_proj", true)]
    [InlineData("[kv]_proj", false)]
    [InlineData("model\\.layers\\.[0-3]\\.self_attn\\..*", true)]
    [InlineData("^model\\.layers\\.1\\..*", true)]
    [InlineData("^self_attn\\..*", false)]
    [InlineData("self_attn\\.q_proj$", true)]
    [InlineData("odel\\..*", false)]
    [InlineData("self_attn|x", false)]
    public void Find_Pattern_MatchesAsInPeft(string pattern, bool isMatch)
    {
        var patterns = new ModulePatterns();
        patterns.Add(pattern, 3);

        patterns.Find("model.layers.1.self_attn.q_proj").Should().Be(isMatch ? 3 : null);
        patterns.FindUnused(["model.layers.1.self_attn.q_proj"]).Should().Be(isMatch ? null : pattern);
    }

    [Fact]
    public void Find_SeveralPatternsMatch_TheFirstApplies()
    {
        var patterns = new ModulePatterns();
        patterns.Add(".*\\.0\\..*", 1);
        patterns.Add("q_proj", 2);
        patterns.Add("layers.1.q_proj", 3);
        patterns.Add("[qk]_proj", 4);

        patterns.Find("layers.0.q_proj").Should().Be(1);
        patterns.Find("layers.1.q_proj").Should().Be(2);
        patterns.Find("layers.1.k_proj").Should().Be(4);
        patterns.Find("layers.1.v_proj").Should().BeNull();
    }

    [Theory]
    [InlineData("")]
    [InlineData("(")]
    [InlineData("a)|(b")]
    [InlineData("(a)\\1")]
    [InlineData("(?<=a)b")]
    public void Add_PatternThatIsNotSupported_IsRefused(string pattern)
        => FluentActions.Invoking(() => new ModulePatterns().Add(pattern, 1)).Should().Throw<FormatException>();

    // A backtracking matcher would need more than 2⁵⁰ steps for these patterns.
    [Theory]
    [InlineData("(a*)*b")]
    [InlineData("(a|a)*b")]
    [InlineData("(.*)*(.*)*(.*)*x")]
    public void Find_PatternThatBacktracksWithoutEnd_IsMatchedInLinearTime(string pattern)
    {
        var patterns = new ModulePatterns();
        patterns.Add(pattern, 1);

        patterns.Find(new string('a', 60)).Should().BeNull();
    }

    [Fact]
    public void Find_CountsWithinCounts_IsRefusedBeforeItTakesLong()
    {
        var patterns = new ModulePatterns();
        patterns.Add("((((a?){999}){999}){999}){999}b", 1);

        FluentActions.Invoking(() => patterns.Find(new string('a', 60))).Should().Throw<FormatException>().WithMessage("*too complex*");
    }
}
