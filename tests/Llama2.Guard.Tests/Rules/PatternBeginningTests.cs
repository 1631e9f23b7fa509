using System.Text.RegularExpressions;
using CsCheck;

namespace Llama2.Guard.Tests.Rules;

public class PatternBeginningTests
{
    private static readonly GuardCategory s_category = new("T1", "Test Words");

    // A pattern and a text that all of it matches.
    [Theory]
    [InlineData("abc", "abc")]
    [InlineData(@"\bORD-\d{6}\b", "ORD-123456")]
    [InlineData(@"^a.*z$", "a quick z")]
    [InlineData("(?i)secret (code|word): \\w+", "SECRET Word: x1")]
    [InlineData("a{2}b{1,3}c{2,}d?", "aabbccccd")]
    [InlineData("(?:ab|cd)+e", "abcdabe")]
    [InlineData("(?<name>x|(y(z)))*w", "xyzxw")]
    [InlineData("[]a-c]+[^]x]", "]abcd")]
    [InlineData(@"\x41\u0042\p{Lu}\.\[", "ABC.[")]
    [InlineData("a{b}", "a{b}")]
    [InlineData("(ab{2}c){2,3}?d", "abbcabbcd")]
    [InlineData("||ab", "ab")]
    [InlineData("(a|b*)+c", "abbac")]
    public void Judge_AnyPartOfAMatch_IsUndecidedFromItsBeginning(string pattern, string match)
    {
        var guard = new RuleGuard(new RuleGuardOptions { Patterns = [new GuardPattern(s_category, "x", pattern)], Secrets = GuardAction.Ignore, PersonalData = GuardAction.Ignore });
        new Regex(pattern, RegexOptions.CultureInvariant).Match(match).Length.Should().BeOneOf([match.Length, 0], "the test has a text that matches");

        for (int length = 1; length <= match.Length; length++)
        {
            GuardVerdict verdict = guard.Judge(GuardRequest.ForAssistant("\n" + match[..length]) with { IsPartial = true });
            (verdict.IsSafe ? verdict.UndecidedFrom : 0).Should().BeInRange(0, 1, "{0} characters are there", length);
        }
    }

    [Theory]
    [InlineData(@"\bORD-\d{6}\b", "an order of the day, and what follows.\n")]
    [InlineData("(?:ab|cd)+e", "ab cd ae bce.\n")]
    [InlineData("<<[^>]*>>", "a << b >> c <d>.\n")]
    public void Judge_TextThatIsNoBeginning_IsDecided(string pattern, string text)
    {
        var guard = new RuleGuard(new RuleGuardOptions { Patterns = [new GuardPattern(s_category, "x", pattern) { Action = GuardAction.Mask }], Secrets = GuardAction.Ignore, PersonalData = GuardAction.Ignore });

        guard.Judge(GuardRequest.ForAssistant(text) with { IsPartial = true }).UndecidedFrom.Should().Be(text.Length);
    }

    // Random patterns of all forms, and random texts: wherever a match begins that is longer than a part of the text, the part is undecided from there or before.
    [Fact]
    public void Judge_RandomPatternsAndTexts_LeaveNoMatchBehindTheUndecidedPlace()
    {
        string[] items = ["a", "b", "[ab]", "[^a]", "(?:a|bb)", "(ab)*", "a+", "b?", "a{2}", "b{1,3}", "(?:ab|b*a)", ".", "(?:a(?:b|aa)+)?", "b{2,}", "(?:a*b){2}"];
        int cutCount = 0;
        Gen.Select(Gen.Int[0, items.Length - 1].Array[1, 4], Gen.Int[0, 2].Array[1, 14]).Sample((chosen, characters) =>
        {
            string pattern = string.Concat(chosen.Select(i => items[i])), text = string.Concat(characters.Select(i => "abc"[i]));
            var guard = new RuleGuard(new RuleGuardOptions { Patterns = [new GuardPattern(s_category, "x", pattern) { Action = GuardAction.Mask }], Secrets = GuardAction.Ignore, PersonalData = GuardAction.Ignore });
            for (int cut = 1; cut < text.Length; cut++)
            {
                int undecided = guard.Judge(GuardRequest.ForAssistant(text[..cut]) with { IsPartial = true }).UndecidedFrom!.Value;
                for (int start = 0; start < cut; start++)
                {
                    bool crosses = Enumerable.Range(cut + 1, text.Length - cut).Any(end => Regex.IsMatch(text[start..end], $"\\A(?:{pattern})\\z"));
                    if (crosses)
                    {
                        undecided.Should().BeLessThanOrEqualTo(start, "{0} matches in {1}, cut at {2}", pattern, text, cut);
                        Interlocked.Increment(ref cutCount);
                    }
                }
            }
        }, iter: 60);
        cutCount.Should().BePositive();
    }

    [Theory]
    [InlineData("a(?i)b")]
    [InlineData("[a-z-[aeiou]]+")]
    public void Judge_PatternWhoseBeginningsAreNotKnown_HoldsBackAFixedLength(string pattern)
    {
        var guard = new RuleGuard(new RuleGuardOptions { Patterns = [new GuardPattern(s_category, "x", pattern) { Action = GuardAction.Mask }], Secrets = GuardAction.Ignore, PersonalData = GuardAction.Ignore });

        guard.Judge(GuardRequest.ForAssistant(new string('1', 3000)) with { IsPartial = true }).UndecidedFrom.Should().Be(3000 - GuardPattern.UnknownBeginningLength);
    }
}
