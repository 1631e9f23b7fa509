using Llama2.Templating.Characters;

namespace Llama2.Tests.Templating.Characters;

public class PythonSpaceTests
{
    // [c for c in map(chr, range(0x10000)) if c.isspace()] in Python 3.12.
    private const string PythonSpaces =
        "\t\n\v\f\r\u001c\u001d\u001e\u001f \u0085\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000";

    [Fact]
    public void TrimEnd_EveryCharacter_IsTrimmedAsInPython() =>
        string.Concat(Enumerable.Range(0, 0x10000).Select(code => (char)code).Where(character => PythonSpace.TrimEnd([character]).IsEmpty)).Should().Be(PythonSpaces);

    [Theory]
    [InlineData("", 0, "")]
    [InlineData(" \u001f", 2, "")]
    [InlineData("\n a b ", 2, "\n a b")]
    public void Trims_CountAndCutWhitespace(string text, int leading, string withoutTrailing)
    {
        PythonSpace.CountLeading(text).Should().Be(leading);
        PythonSpace.TrimEnd(text).ToString().Should().Be(withoutTrailing);
        PythonSpace.Trim(text).ToString().Should().Be(withoutTrailing[Math.Min(leading, withoutTrailing.Length)..]);
        PythonSpace.IsBlank(text).Should().Be(withoutTrailing.Length == 0);
    }
}
