using Llama2.Evaluation.Reports;

namespace Llama2.Evaluation.Tests.Reports;

public sealed class MarkdownTextTests
{
    // By the GitHub Flavored Markdown specification: section 4.10 (a pipe in a cell), 6.1 (entities), 6.4 (emphasis), 6.7 (links), 6.10 (raw HTML).
    [Theory]
    [InlineData(@"ends\", @"ends\\")]
    [InlineData(@"a\|b", @"a\\\|b")]
    [InlineData("<b>&amp;", "&lt;b>&amp;amp;")]
    [InlineData("[x](y) `z`", @"\[x](y) \`z\`")]
    [InlineData("*a* ~~b~~", @"\*a\* \~\~b\~\~")]
    [InlineData("_a_ __b__", @"\_a\_ \_\_b\_\_")]
    [InlineData("acc_norm, top_5_größte", "acc_norm, top_5_größte")]
    [InlineData("two\nlines\tand\0more", "two lines and more")]
    [InlineData("", "")]
    public void Escape_Text_ShowsItsCharacters(string text, string expected) => MarkdownText.Escape(text).Should().Be(expected);
}
