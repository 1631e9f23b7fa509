using System.Text.Json;
using Llama2.Evaluation.Python;

namespace Llama2.Evaluation.Tests.Python;

public sealed class PythonRegexTests
{
    // Computed by Python: tests/Reference/python_text.py.
    private static readonly JsonElement s_golden = GoldenFile.Read("python-text.json");
    private static readonly string[] s_texts = GoldenFile.Texts(s_golden.GetProperty("texts"));

    public static TheoryData<string> Patterns => [.. s_golden.GetProperty("matches").EnumerateArray().Select(row => row.GetProperty("pattern").GetString()!)];

    [Theory]
    [MemberData(nameof(Patterns))]
    public void FindAll_Pattern_FindsWhatPythonFinds(string pattern)
    {
        JsonElement expected = s_golden.GetProperty("matches").EnumerateArray().First(row => row.GetProperty("pattern").GetString() == pattern).GetProperty("found");
        PythonRegex regex = PythonRegex.Parse(pattern);

        for (int i = 0; i < s_texts.Length; i++)
            regex.FindAll(s_texts[i]).Should().BeEquivalentTo(expected[i].EnumerateArray().Select(GoldenFile.Texts), options => options.WithStrictOrdering(), $"of the text {i}");
    }

    public static TheoryData<string> BadPatterns => [.. GoldenFile.Texts(s_golden.GetProperty("bad"))];

    [Theory]
    [MemberData(nameof(BadPatterns))]
    [InlineData("(?x) a b")]
    [InlineData("[^\U0001F999]")]
    [InlineData("(?a)\\w")]
    public void Parse_PatternThatPythonRefusesOrIsNotSupported_ThrowsWithThePattern(string pattern)
    {
        Action parse = () => PythonRegex.Parse(pattern);

        parse.Should().Throw<EvaluationDataException>().Which.Message.Should().Contain($"'{pattern}'");
    }

    [Fact]
    public void Replace_Substitutions_AreThoseOfPython()
    {
        foreach (JsonElement row in s_golden.GetProperty("substitutions").EnumerateArray())
        {
            PythonRegex regex = PythonRegex.Parse(row.GetProperty("pattern").GetString()!);
            string replacement = row.GetProperty("replacement").GetString()!;

            s_texts.Select(text => regex.Replace(text, replacement, row.GetProperty("count").GetInt32()))
                .Should().Equal(GoldenFile.Texts(row.GetProperty("results")), $"of '{replacement}' for {regex.Pattern}");
        }
    }

    [Fact]
    public void Replace_ReplacementThatPythonRefuses_Throws()
    {
        string[] replacements = GoldenFile.Texts(s_golden.GetProperty("bad_replacements"));

        replacements.Should().HaveCount(6);
        foreach (string replacement in replacements)
            PythonRegex.Parse("(a)").Invoking(regex => regex.Replace("a", replacement)).Should().Throw<EvaluationDataException>(replacement);
    }

    [Fact]
    public void Parse_WordAndSpace_HavePythonsMembers()
    {
        string characters = s_golden.GetProperty("characters").GetString()!;

        string.Concat(PythonRegex.Parse("\\w").FindAll(characters).Select(match => match[0])).Should().Be(s_golden.GetProperty("word").GetString());
        string.Concat(PythonRegex.Parse("\\s").FindAll(characters).Select(match => match[0])).Should().Be(s_golden.GetProperty("space").GetString());
        string.Concat(PythonRegex.Parse("[^\\W]").FindAll(characters).Select(match => match[0])).Should().Be(s_golden.GetProperty("word").GetString());
        string.Concat(PythonRegex.Parse("[^\\S]").FindAll(characters).Select(match => match[0])).Should().Be(s_golden.GetProperty("space").GetString());
    }

    [Fact]
    public void Parse_PatternThatIsTooLongOrTooDeep_Throws()
    {
        ((Action)(() => PythonRegex.Parse(new string('a', 10_001)))).Should().Throw<EvaluationDataException>().WithMessage("*10001 characters*10000*");
        ((Action)(() => PythonRegex.Parse(new string('(', 5000) + new string(')', 5000)))).Should().Throw<EvaluationDataException>().WithMessage("*100 groups*");
    }

    [Fact]
    public void FindAll_PatternThatBacktracksForever_IsEndedWithTheRemedy()
    {
        PythonRegex regex = PythonRegex.Parse("(?=x)(x+x+)+y(?<=y)");

        regex.Invoking(regex => regex.FindAll(new string('x', 200))).Should().Throw<EvaluationDataException>().WithMessage("*(x+x+)+y*nested repetitions*");
    }

    [Fact]
    public void FindAll_NestedRepetitionsWithoutLookAround_TakeTimeProportionalToTheText()
        => PythonRegex.Parse("(x+x+)+y").FindAll(new string('x', 20_000)).Should().BeEmpty();
}
