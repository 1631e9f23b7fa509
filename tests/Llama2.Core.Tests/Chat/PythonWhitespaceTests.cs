using Llama2.Chat;

namespace Llama2.Tests.Chat;

public class PythonWhitespaceTests
{
    [Theory]
    [InlineData("", 0, "")]
    [InlineData(" \u001f", 2, "")]
    [InlineData("\n a b ", 2, "\n a b")]
    public void Trims_CountAndCutWhitespace(string text, int leading, string withoutTrailing)
    {
        PythonWhitespace.CountLeading(text).Should().Be(leading);
        PythonWhitespace.TrimEnd(text).ToString().Should().Be(withoutTrailing);
    }
}
