using System.Text;
using CsCheck;
using Llama2.Grammar.Characters;
using Llama2.Grammar.Regexes;
using Llama2.Tests.Grammar.Regexes;

namespace Llama2.Tests.Grammar.Characters;

public class TextEncodingTests
{
    private static readonly int[] s_borders =
    [
        0, 0x1F, 0x20, 0x21, 0x22, 0x23, 0x2F, 0x5B, 0x5C, 0x5D, 0x7E, 0x7F, 0x80, 0x7FF, 0x800, 0xFFF, 0x1000, 0xD7FF, 0xE000, 0xFFFF, 0x10000, 0x103FF,
        0x10400, 0x3FFFF, 0x40000, 0xFFFFF, 0x100000, 0x10FFFF,
    ];

    private static readonly Gen<int> s_codePoints = Gen.OneOf(Gen.Int[0, s_borders.Length - 1].Select(index => s_borders[index]), Gen.Int[0, 0x10FFFF].Where(Rune.IsValid));
    private static readonly Gen<CodePointSet> s_sets = Gen.Select(s_codePoints, s_codePoints).Array[1, 4]
        .Select(ranges => CodePointSet.Of(ranges.Select(range => (Math.Min(range.Item1, range.Item2), Math.Max(range.Item1, range.Item2)))));

    [Fact]
    public void Set_InUtf8_MatchesItsCharactersOnly() => Gen.Select(s_sets, s_codePoints).Sample((set, codePoint) =>
    {
        var encoding = new Utf8Text(new RegexFactory());
        encoding.Factory.Matches(encoding.Set(set), new Rune(codePoint).ToString()).Should().Be(set.Contains(codePoint));
    });

    [Fact]
    public void Set_InAJsonString_MatchesAllSpellingsOfItsCharactersOnly() => Gen.Select(s_sets, s_codePoints, Gen.Int).Sample((set, codePoint, seed) =>
    {
        var encoding = new JsonStringText(new RegexFactory());
        string text = JsonSpelling.Write(new Rune(codePoint).ToString(), new Random(seed));
        encoding.Factory.Matches(encoding.Set(set), text).Should().Be(set.Contains(codePoint), "{0}", text);
    });

    [Theory]
    [InlineData("\\ud800")]
    [InlineData("\\udc00")]
    [InlineData("\\ud800\\u0041")]
    [InlineData("\\udc00\\ud800")]
    [InlineData("\\ud83d")]
    [InlineData("\"")]
    [InlineData("\\")]
    [InlineData("\\x41")]
    [InlineData("\\u12")]
    [InlineData("\n")]
    [InlineData("\\'")]
    public void AnyText_InAJsonString_IsNothingElse(string text)
    {
        var encoding = new JsonStringText(new RegexFactory());
        encoding.Factory.Matches(encoding.AnyText, text).Should().BeFalse();
    }

    [Theory]
    [InlineData(new byte[] { 0xC0, 0x80 })]
    [InlineData(new byte[] { 0xE0, 0x80, 0x80 })]
    [InlineData(new byte[] { 0xED, 0xA0, 0x80 })]
    [InlineData(new byte[] { 0xF0, 0x80, 0x80, 0x80 })]
    [InlineData(new byte[] { 0xF4, 0x90, 0x80, 0x80 })]
    [InlineData(new byte[] { 0xFF })]
    [InlineData(new byte[] { 0x80 })]
    public void AnyText_OfBytesThatAreNoUtf8_DoesNotMatch(byte[] text)
    {
        var utf8 = new Utf8Text(new RegexFactory());
        utf8.Factory.Matches(utf8.AnyText, text).Should().BeFalse();
        var json = new JsonStringText(new RegexFactory());
        json.Factory.Matches(json.AnyText, text).Should().BeFalse();
    }

    [Fact]
    public void Literal_OfAnyText_MatchesItsSpellings() => Gen.Select(s_codePoints.Array[0, 6], Gen.Int).Sample((codePoints, seed) =>
    {
        string text = string.Concat(codePoints.Select(char.ConvertFromUtf32));
        var encoding = new JsonStringText(new RegexFactory());
        RegexNode literal = encoding.Literal(text);
        encoding.Factory.Matches(literal, JsonSpelling.Write(text, new Random(seed))).Should().BeTrue();
        encoding.Factory.Matches(literal, JsonSpelling.Write(text + "a", new Random(seed))).Should().BeFalse();
    });

    [Fact]
    public void Literal_WithHalfASurrogatePair_MatchesNothing()
    {
        var encoding = new JsonStringText(new RegexFactory());
        encoding.Literal("a\ud800b").Should().BeSameAs(encoding.Factory.Nothing);
    }

    [Fact]
    public void Length_CountsCharactersInEverySpelling()
    {
        var encoding = new JsonStringText(new RegexFactory());
        RegexNode two = encoding.Length(2, 2);
        foreach (string text in (string[])["ab", "é😀", "\\u00e9\\ud83d\\ude00", "\\n\\\"", "\\/\\u001f"])
            encoding.Factory.Matches(two, text).Should().BeTrue();
        foreach (string text in (string[])["a", "abc", "😀", "\\ud83d\\ude00"])
            encoding.Factory.Matches(two, text).Should().BeFalse();
    }
}
