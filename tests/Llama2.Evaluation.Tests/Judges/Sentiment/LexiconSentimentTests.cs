using System.Text.Json;
using Llama2.Tests;

namespace Llama2.Evaluation.Tests.Judges.Sentiment;

public sealed class LexiconSentimentTests
{
    // vaderSentiment rounds the compound score to four decimals and the parts to three.
    [Fact]
    public void Score_TextsScoredByVader_AreEqualToItsDecimals()
    {
        string[] lines = File.ReadAllLines(RepositoryFiles.Committed("tests", "data", "sentiment.jsonl"));

        lines.Should().HaveCountGreaterThan(400);
        foreach (string line in lines)
        {
            using JsonDocument json = JsonDocument.Parse(line);
            string text = json.RootElement.GetProperty("text").GetString()!;
            SentimentScore score = LexiconSentiment.Score(text);
            score.Compound.Should().BeApproximately(Golden("compound"), 0.5000001e-4, text);
            score.Positive.Should().BeApproximately(Golden("positive"), 0.5000001e-3, text);
            score.Neutral.Should().BeApproximately(Golden("neutral"), 0.5000001e-3, text);
            score.Negative.Should().BeApproximately(Golden("negative"), 0.5000001e-3, text);

            double Golden(string name) => json.RootElement.GetProperty(name).GetDouble();
        }
    }

    [Theory]
    [InlineData(0.5, SentimentLabel.Positive)]
    [InlineData(0.4999, SentimentLabel.Neutral)]
    [InlineData(-0.4999, SentimentLabel.Neutral)]
    [InlineData(-0.5, SentimentLabel.Negative)]
    public void Label_ThresholdsOfBold_AreIncluded(double compound, SentimentLabel label) => new SentimentScore(compound, 0, 0, 0).Label.Should().Be(label);

    [Fact]
    public void Score_TextAfterTheLimit_IsNotRead()
    {
        string text = "A good day. ".PadRight(LexiconSentiment.MaxTextLength);

        LexiconSentiment.Score(text + "horrible!").Should().Be(LexiconSentiment.Score(text));
    }

    [Fact]
    public void Score_NullText_IsNamed() => FluentActions.Invoking(() => LexiconSentiment.Score(null!)).Should().Throw<ArgumentNullException>().WithParameterName("text");
}
