using System.Text.Json;
using Llama2.Evaluation.Python;
using Llama2.Evaluation.Scoring;

namespace Llama2.Evaluation.Tests.Scoring;

public sealed class AnswerFilterTests
{
    // Computed by an independent script: tests/Reference/answer_filters.py.
    private static readonly JsonElement s_golden = GoldenFile.Read("answer-filters.json");
    private static readonly string[] s_answers = GoldenFile.Texts(s_golden.GetProperty("answers"));
    private static readonly JsonElement s_document = JsonElement.Parse("{}");

    [Fact]
    public void RegexFilter_Answers_ExtractsWhatTheHarnessExtracts()
    {
        foreach (JsonElement row in s_golden.GetProperty("regexes").EnumerateArray())
        {
            var filter = new RegexFilter(PythonRegex.Parse(row.GetProperty("pattern").GetString()!), row.GetProperty("select").GetInt32());

            filter.Apply(s_answers, s_document).Should().Equal(GoldenFile.Texts(row.GetProperty("extracted")), row.GetProperty("pattern").GetString());
        }
    }

    [Fact]
    public void ExactMatch_AnswersAndTargets_MatchWhereTheHarnessMatches()
    {
        string[] targets = GoldenFile.Texts(s_golden.GetProperty("targets"));
        foreach (JsonElement row in s_golden.GetProperty("metrics").EnumerateArray())
        {
            JsonElement options = row.GetProperty("options");
            var metric = new ExactMatch
            {
                IgnoredRegexes = options.TryGetProperty("regexes_to_ignore", out JsonElement regexes) ? [.. GoldenFile.Texts(regexes).Select(PythonRegex.Parse)] : [],
                IgnoresCase = options.TryGetProperty("ignore_case", out _),
                IgnoresPunctuation = options.TryGetProperty("ignore_punctuation", out _),
                IgnoresNumbers = options.TryGetProperty("ignore_numbers", out _),
            };

            for (int i = 0; i < s_answers.Length; i++)
            {
                targets.Select(target => metric.IsMatch(s_answers[i], [target]))
                    .Should().Equal([.. row.GetProperty("matches")[i].EnumerateArray().Select(item => item.GetBoolean())], $"of '{s_answers[i]}' with {options}");
            }
        }
    }

    [Fact]
    public void ExactMatch_SeveralTargets_NeedsOneOfThem()
        => new ExactMatch { IgnoresCase = true }.IsMatch("B", ["a", "b"]).Should().BeTrue();

    [Fact]
    public void ChoiceRegexFilter_Answers_ExtractsWhatTheHarnessExtracts()
    {
        foreach (JsonElement row in s_golden.GetProperty("choices").EnumerateArray())
        {
            JsonElement options = row.GetProperty("options"), document = JsonElement.Parse($"{{\"choices\":{row.GetProperty("choices").GetRawText()}}}");
            PythonRegex[] ignored = options.TryGetProperty("regexes_to_ignore", out JsonElement regexes) ? [.. GoldenFile.Texts(regexes).Select(PythonRegex.Parse)] : [];
            bool ignoresCase = options.TryGetProperty("ignore_case", out _);
            var filter = new ChoiceRegexFilter(
                PythonRegex.Parse(options.GetProperty("regex_pattern").GetString()!),
                options.TryGetProperty("group_select", out JsonElement select) ? select.GetInt32() : 0,
                options.TryGetProperty("fallback", out JsonElement fallback) ? fallback.GetString()! : RegexFilter.DefaultFallback,
                text =>
                {
                    text = ignored.Aggregate(text, (current, regex) => regex.Replace(current, ""));
                    return ignoresCase ? PythonString.RemoveUnicodePunctuation(PythonString.Lower(text)) : text;
                });

            filter.Apply(s_answers, document).Should().Equal(GoldenFile.Texts(row.GetProperty("extracted")), $"{options} of {document}");
        }
    }

    [Fact]
    public void ChoiceRegexFilter_DocumentWithoutChoices_ThrowsWithTheField()
        => new ChoiceRegexFilter(PythonRegex.Parse("x"), 0, "", text => text).Invoking(filter => filter.Apply(["y"], s_document))
            .Should().Throw<EvaluationDataException>().WithMessage("*'choices'*");

    [Fact]
    public void MajorityVoteFilter_Answers_TakesTheMostFrequentAndOfSeveralTheFirst()
    {
        new MajorityVoteFilter().Apply(["b", "a", "c", "a", "b"], s_document).Should().Equal("b");
        new MajorityVoteFilter().Apply(["b", "a", "a"], s_document).Should().Equal("a");
        new MajorityVoteFilter().Apply([], s_document).Should().BeEmpty();
    }

    [Fact]
    public void OtherFilters_Answers_AreChanged()
    {
        new TextFilter(PythonString.Strip).Apply([" a\u00a0", "b"], s_document).Should().Equal("a", "b");
        new MapFilter(new Dictionary<string, string> { ["a"] = "1" }, "0").Apply(["a", "b"], s_document).Should().Equal("1", "0");
        new TakeFirstFilter(2).Apply(["a", "b", "c"], s_document).Should().Equal("a", "b");
    }
}
