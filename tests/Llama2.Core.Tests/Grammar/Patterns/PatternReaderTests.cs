using System.Text.Json;
using System.Text.RegularExpressions;
using CsCheck;
using Llama2.Grammar.Characters;
using Llama2.Grammar.Patterns;
using Llama2.Grammar.Regexes;
using Llama2.Tests.Grammar.Characters;
using Llama2.Tests.Grammar.Regexes;
using Xunit.Abstractions;

namespace Llama2.Tests.Grammar.Patterns;

public class PatternReaderTests(ITestOutputHelper output)
{
    private static readonly TimeSpan s_patience = TimeSpan.FromMilliseconds(200);
    private static readonly Gen<string> s_texts = Gen.Char["ab1-_ \n\"\\é\u2028"].Array[0, 7].Select(units => new string(units));

    [Fact]
    public void Read_AnyPattern_MatchesWhatDotNetMatches()
    {
        int readCount = 0, refusedCount = 0;
        Gen.Select(Gen.Byte.Array[0, 30], s_texts.Array[12], Gen.Int).Sample(
            (tape, texts, seed) =>
            {
                var pattern = new RandomPattern(tape);
                foreach (TextEncoding encoding in (TextEncoding[])[new Utf8Text(new RegexFactory()), new JsonStringText(new RegexFactory())])
                {
                    RegexNode search, whole;
                    try
                    {
                        search = PatternReader.Read(pattern.Ecma, encoding, PatternMeaning.Search);
                        whole = PatternReader.Read(pattern.Ecma, encoding, PatternMeaning.Whole);
                    }
                    catch (PatternException exception) when (exception.Message.Contains("an assertion in a repetition must not depend", StringComparison.Ordinal))
                    {
                        Interlocked.Increment(ref refusedCount);
                        return;
                    }

                    Interlocked.Increment(ref readCount);
                    foreach (string text in texts)
                    {
                        string written = encoding is JsonStringText ? JsonSpelling.Write(text, new Random(seed)) : text;
                        if (IsMatch(text, pattern.DotNet) is not { } isFound || IsMatch(text, $"\\A(?:{pattern.DotNet})\\z") is not { } isWhole)
                            return;
                        encoding.Factory.Matches(search, written).Should().Be(isFound, "/{0}/ in {1}", pattern.Ecma, JsonSerializer.Serialize(text));
                        encoding.Factory.Matches(whole, written).Should().Be(isWhole, "/{0}/ is {1}", pattern.Ecma, JsonSerializer.Serialize(text));
                    }
                }
            },
            iter: 1_500);
        output.WriteLine($"{readCount / 2} patterns read, {refusedCount} refused");
        refusedCount.Should().BeLessThan(readCount / 4);
    }

    [Theory]
    [InlineData("^a|b", "ax", "xb", "b")]
    [InlineData("(^a|b$)", "ax", "xb")]
    [InlineData("^$|(^(?:\\S+\\s+){0,99}\\S+$)", "", "one", "one two three")]
    [InlineData("^(?!.*://)(?=.{1,255}$)((.{1,63}\\.){1,127}(?![0-9]*$)[a-z0-9-]+\\.?)$", "a.b", "example.com.", "127.0.0.a")]
    [InlineData("^([\\da-z](?:(?!.*--)[\\da-z-]*[\\da-z])?)$", "a", "a-b", "1a2")]
    [InlineData("^(?!-)(?:(?!--)[a-z-])*$", "", "a-b", "ab-")]
    [InlineData("\\bcat\\b", "cat", "a cat.", "cat\n")]
    [InlineData("^\\p{Lu}\\p{Ll}+$", "Éa", "Abc")]
    [InlineData("^\\u{1F600}\\ud83d\\ude01$", "😀😁")]
    [InlineData("^[\\w-.]+$", "a-b.c")]
    [InlineData("^\\cA\\x41\\0$", "\u0001A\0")]
    [InlineData("^(?<year>\\d{4})$", "2024")]
    [InlineData("^[^]$", "\n", "a")]
    [InlineData("^(?i:ab)c$", "ABc", "aBc")]
    [InlineData("^.$", "😀")]
    [InlineData("a{,2}", "a{,2}")]
    [InlineData("^([ab-]{2,}$)*\\B", "b-", "")]
    public void Read_PatternOfManyParts_MatchesItsTexts(string pattern, params string[] texts)
    {
        foreach (TextEncoding encoding in (TextEncoding[])[new Utf8Text(new RegexFactory()), new JsonStringText(new RegexFactory())])
        {
            RegexNode node = PatternReader.Read(pattern, encoding, PatternMeaning.Search);
            foreach (string text in texts)
                encoding.Factory.Matches(node, encoding is Utf8Text ? text : JsonSpelling.Write(text, new Random(1))).Should().BeTrue("{0}", text);
        }
    }

    [Theory]
    [InlineData("^a|b", "xa", "")]
    [InlineData("^(?!.*://)(?=.{1,255}$)((.{1,63}\\.){1,127}(?![0-9]*$)[a-z0-9-]+\\.?)$", "a", "http://a.b", "127.0.0.1")]
    [InlineData("^([\\da-z](?:(?!.*--)[\\da-z-]*[\\da-z])?)$", "a--b", "a-", "")]
    [InlineData("^(?!-)(?:(?!--)[a-z-])*$", "-a", "a--b")]
    [InlineData("\\bcat\\b", "cats", "concat", "_cat")]
    [InlineData("^\\d$", "١")]
    [InlineData("a$", "a\n")]
    [InlineData("[]", "", "a")]
    [InlineData("^.$", "\u2028", "\n")]
    [InlineData("^(b$)*\\B", "b", "bb")]
    [InlineData("^([ab-]{2,}$)*?($\\B(?!baa))", "bb", "-bb")]
    public void Read_PatternOfManyParts_RefusesOtherTexts(string pattern, params string[] texts)
    {
        foreach (TextEncoding encoding in (TextEncoding[])[new Utf8Text(new RegexFactory()), new JsonStringText(new RegexFactory())])
        {
            RegexNode node = PatternReader.Read(pattern, encoding, PatternMeaning.Search);
            foreach (string text in texts)
                encoding.Factory.Matches(node, encoding is Utf8Text ? text : JsonSpelling.Write(text, new Random(1))).Should().BeFalse("{0}", text);
        }
    }

    [Theory]
    [InlineData("(a)\\1", 3, "back references")]
    [InlineData("(?<n>a)\\k<n>", 7, "back references")]
    [InlineData("a(?<=a)", 1, "lookbehind")]
    [InlineData("(?>a)", 0, "atomic")]
    [InlineData("(?(1)a|b)", 0, "conditions")]
    [InlineData("(?P<n>a)", 0, "group")]
    [InlineData("(?i)a", 0, "group")]
    [InlineData("a++", 2, "possessive")]
    [InlineData("*a", 0, "nothing to repeat")]
    [InlineData("a|{2}", 2, "nothing to repeat")]
    [InlineData("(a", 0, "not closed")]
    [InlineData("a)", 1, "not open")]
    [InlineData("[a", 0, "not closed")]
    [InlineData("[b-a]", 2, "reverse")]
    [InlineData("a{3,2}", 1, "reverse")]
    [InlineData("\\a", 0, "escape")]
    [InlineData("\\", 1, "too early")]
    [InlineData("\\p{Script=Greek}", 0, "Script=Greek")]
    [InlineData("\\ud800", 0, "not a character")]
    [InlineData("\\u{110000}", 0, "not a character")]
    [InlineData("(?:\\ba)*", 3, "repetition")]
    [InlineData("(?:(?!b.*c)a)*d", 3, "repetition")]
    public void Read_WhatIsNotRegularOrNoPattern_SaysWhatAndWhere(string pattern, int position, string message)
    {
        var encoding = new Utf8Text(new RegexFactory());
        Action read = () => PatternReader.Read(pattern, encoding, PatternMeaning.Search);
        read.Should().Throw<PatternException>().WithMessage($"*{message}*").Which.Position.Should().Be(position);
    }

    [Fact]
    public void Read_ManyNestedGroups_IsRefusedByALimit()
    {
        var encoding = new Utf8Text(new RegexFactory());
        Action read = () => PatternReader.Read(new string('(', 100_000) + new string(')', 100_000), encoding, PatternMeaning.Search);
        read.Should().Throw<GrammarLimitException>();
        Action unroll = () => PatternReader.Read("(?:^a|b){100000}", encoding, PatternMeaning.Search);
        unroll.Should().Throw<GrammarLimitException>();
    }

    [Theory]
    [InlineData("\\w")]
    [InlineData("\\W")]
    [InlineData("\\d")]
    [InlineData("\\s")]
    [InlineData("\\S")]
    [InlineData(".")]
    [InlineData("\\p{Lu}")]
    [InlineData("\\P{Nd}")]
    [InlineData("[a-z-[aeiou]]")]
    [InlineData("[^]a]")]
    public void Read_ClassInTheSyntaxOfDotNet_HasItsCharacters(string pattern)
    {
        var encoding = new Utf8Text(new RegexFactory());
        RegexNode node = PatternReader.Read(pattern, encoding, PatternMeaning.Whole, PatternOptions.DotNet);
        var regex = new Regex($"\\A{pattern}\\z");
        for (int character = 0; character <= 0xFFFF; character++)
        {
            if (!char.IsSurrogate((char)character))
                encoding.Factory.Matches(node, ((char)character).ToString()).Should().Be(regex.IsMatch(((char)character).ToString()), "U+{0:X4}", character);
        }
    }

    [Theory]
    [InlineData("a$", "a\n", true)]
    [InlineData("a\\z", "a\n", false)]
    [InlineData("a\\Z", "a\n", true)]
    [InlineData("\\Aa", "ba", false)]
    [InlineData("(?i)ab(?-i)c", "ABc", true)]
    [InlineData("(?i)ab(?-i)c", "ABC", false)]
    [InlineData("(?s)a.b", "a\nb", true)]
    [InlineData("(?m)^b$", "a\nb\nc", true)]
    [InlineData("(?m)^b$", "a\nbc", false)]
    [InlineData("a(?#comment)b", "ab", true)]
    [InlineData("(?'n'a)\\e", "a\u001b", true)]
    public void Read_TheSyntaxOfDotNet_MatchesAsDotNetDoes(string pattern, string text, bool isMatch)
    {
        Regex.IsMatch(text, pattern).Should().Be(isMatch);
        var encoding = new Utf8Text(new RegexFactory());
        encoding.Factory.Matches(PatternReader.Read(pattern, encoding, PatternMeaning.Search, PatternOptions.DotNet), text).Should().Be(isMatch);
    }

    [Fact]
    public void Read_WithCaseIgnored_MatchesOtherCases()
    {
        var encoding = new Utf8Text(new RegexFactory());
        RegexNode node = PatternReader.Read("^[a-c]é[^x]$", encoding, PatternMeaning.Search, PatternOptions.IgnoreCase);
        encoding.Factory.Matches(node, "BÉy").Should().BeTrue();
        encoding.Factory.Matches(node, "BÉX").Should().BeFalse();
    }

    [GoldenFact]
    public void Read_PatternsOfRealSchemas_MatchWhatDotNetMatches()
    {
        var refused = new List<string>();
        SortedSet<string> patterns = SchemaPatterns.Load();
        patterns.Should().HaveCount(336);
        long comparedCount = 0;
        foreach (string pattern in patterns)
        {
            var encoding = new JsonStringText(new RegexFactory());
            RegexNode node;
            try
            {
                node = PatternReader.Read(pattern, encoding, PatternMeaning.Search);
            }
            catch (Exception exception) when (exception is PatternException or GrammarLimitException)
            {
                refused.Add($"{pattern}: {exception.Message}");
                continue;
            }

            // In ECMA-262 without the flag u, \_ means _; .NET refuses it.
            string dotNet = pattern.Replace("\\_", "_", StringComparison.Ordinal);
            foreach (string text in SchemaPatterns.Texts(encoding, node, new Random(1)))
            {
                if (IsMatch(text, dotNet) is not { } isMatch)
                    break;
                encoding.Factory.Matches(node, JsonSpelling.Write(text, new Random(2))).Should().Be(isMatch, "/{0}/ in {1}", pattern, text);
                comparedCount++;
            }
        }

        output.WriteLine($"{comparedCount} texts compared; refused: {refused.Count}\n{string.Join('\n', refused)}");
        refused.Should().BeEmpty();
        comparedCount.Should().BeGreaterThan(20_000);
    }

    // Returns null if .NET takes too long because it backtracks. Only the pattern decides whether that happens, so the other patterns are still compared.
    private static bool? IsMatch(string text, string pattern)
    {
        try
        {
            return Regex.IsMatch(text, pattern, RegexOptions.None, s_patience);
        }
        catch (RegexMatchTimeoutException)
        {
            return null;
        }
    }
}
