using System.Text.Json;
using Llama2.Evaluation.Scoring.Similarity;

namespace Llama2.Evaluation.Tests.Scoring.Similarity;

/// <summary>Scores against those of sacrebleu and rouge_score, as lm-evaluation-harness calls them (tests/Reference/text_similarity.py).</summary>
public sealed class TextSimilarityTests
{
    // Both sides compute some logarithms and quotients in double precision.
    private const double Tolerance = 1e-10;
    private static readonly JsonElement s_golden = GoldenFile.Read("text-similarity.json");
    private static readonly JsonElement[] s_pairs = [.. s_golden.GetProperty("pairs").EnumerateArray()];

    [Theory]
    [InlineData("bleu")]
    [InlineData("chrf")]
    [InlineData("ter")]
    public void Compare_TextAndReferences_HasSacrebleusScore(string name)
    {
        CorpusSimilarity similarity = CorpusSimilarity.All.Single(similarity => similarity.Aggregation.Name == name);

        AssertScores(name, pair => similarity.Compare(Answer(pair), GoldenFile.Texts(pair.GetProperty("references"))).Value);
    }

    [Fact]
    public void Compare_InternationalBleu_IsThatOfTheHarness() => AssertScores("sentence_bleu", pair => Bleu.Compare(Answer(pair), Reference(pair)));

    [Fact]
    public void CompareSequences_OneAndTwoWords_AreRougeScores()
    {
        AssertScores("rouge", pair => Rouge.CompareSequences(Answer(pair), Reference(pair), 1), 0);
        AssertScores("rouge", pair => Rouge.CompareSequences(Answer(pair), Reference(pair), 2), 1);
    }

    [Fact]
    public void CompareSummaries_TextsOfSentences_AreRougeScores() => AssertScores("rouge", pair => Rouge.CompareSummaries(Answer(pair), Reference(pair)), 2);

    [Theory]
    [InlineData("bleu")]
    [InlineData("chrf")]
    [InlineData("ter")]
    public void Aggregate_Corpus_HasTheHarnessScore(string name)
    {
        CorpusSimilarity similarity = CorpusSimilarity.All.Single(similarity => similarity.Aggregation.Name == name);
        foreach (JsonElement corpus in s_golden.GetProperty("corpora").EnumerateArray())
        {
            MetricSample[] samples = [.. s_pairs.Skip(corpus.GetProperty("first").GetInt32()).Take(corpus.GetProperty("count").GetInt32()).Select(pair => similarity.Compare(Answer(pair), [Reference(pair)]))];

            MetricValue value = similarity.Aggregation.Aggregate(samples);

            value.Value.Should().BeApproximately(corpus.GetProperty(name).GetDouble(), Tolerance);
            value.StandardError.HasValue.Should().Be(samples.Length > 1);
        }
    }

    [Fact]
    public void Tokenize_OddTexts_HasSacrebleusWords()
    {
        foreach (JsonElement tokens in s_golden.GetProperty("tokens").EnumerateArray())
        {
            string text = tokens.GetProperty("text").GetString()!;

            BleuTokenizer.Western(text).Should().Equal(GoldenFile.Texts(tokens.GetProperty("western")), text);
            BleuTokenizer.International(text).Should().Equal(GoldenFile.Texts(tokens.GetProperty("international")), text);
        }
    }

    [Fact]
    public void Compare_TextBeyondTheLimit_SaysWhatToDo()
    {
        string text = new('a', ComparedText.MaxLength + 1), words = string.Concat(Enumerable.Repeat("a ", ComparedText.MaxLength / 2));

        foreach (CorpusSimilarity similarity in CorpusSimilarity.All)
            similarity.Invoking(similarity => similarity.Compare(text, ["a"])).Should().Throw<EvaluationDataException>().WithMessage("*200001*at most 200000*Lower*");
        FluentActions.Invoking(() => Rouge.CompareSummaries(words, words)).Should().Throw<EvaluationDataException>().WithMessage("*100000 and 100000 words*");
        FluentActions.Invoking(() => CorpusSimilarity.TranslationEditRate.Compare(words, [words])).Should().Throw<EvaluationDataException>().WithMessage("*100000 and 100000 words*");
    }

    private static void AssertScores(string name, Func<JsonElement, double> score, int? index = null)
    {
        s_pairs.Should().HaveCountGreaterThan(300);
        foreach (JsonElement pair in s_pairs)
        {
            JsonElement expected = pair.GetProperty(name);
            score(pair).Should().BeApproximately((index is { } i ? expected[i] : expected).GetDouble(), Tolerance, $"{Answer(pair)} | {Reference(pair)}");
        }
    }

    private static string Answer(JsonElement pair) => pair.GetProperty("answer").GetString()!;

    private static string Reference(JsonElement pair) => pair.GetProperty("references")[0].GetString()!;
}
