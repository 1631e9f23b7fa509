using Llama2.Training.Model;
using Llama2.Training.Objectives;

namespace Llama2.Training.Tests.Objectives;

public class MismatchedAnswersTests
{
    // The first token of each sample is its prompt, except of sample 2, which has a prompt of two tokens; sample 1 has nothing to learn.
    private static readonly TrainingSample[] s_samples = [Sample(1, 10, 11), new TrainingSample(new[] { 2, 20 }, new[] { false, false }), Sample(2, 30, 31, 32, 33), Sample(1, 40, 41, 42)];
    private static readonly int[] s_lengths = [1, 0, 3, 2];

    [Fact]
    public void Fill_SeveralSamples_GivesEachPromptTheAnswerBefore()
    {
        TokenBatch batch = Fill(capacity: 6, contextLength: 64, 0, 2, 3);

        Tokens(batch).Should().Equal("10 41>42", "30 31>11", "40 32>33");
        batch.Count.Should().Be(6, "the samples together have as many tokens as before");
    }

    [Fact]
    public void Fill_MoreSamplesThanFit_ContinuesInTheNextBatch()
    {
        var batch = new TokenBatch(4);
        var mismatched = new MismatchedAnswers(s_samples, s_lengths, contextLength: 64);

        mismatched.Fill(batch, [0, 2, 3], 0).Should().Be(2);
        Tokens(batch).Should().Equal("10 41>42", "30 31>11");
        mismatched.Fill(batch, [0, 2, 3], 2).Should().Be(3);
        Tokens(batch).Should().Equal("40 32>33");
    }

    [Fact]
    public void Fill_OneSample_TakesTheAnswerOfTheDatasSampleBefore()
    {
        Tokens(Fill(64, 64, 2)).Should().Equal("30 31>11");
        Tokens(Fill(64, 64, 0)).Should().Equal("10 41>42");
        Tokens(Fill(64, 64, 3)).Should().Equal("40 32>33");
    }

    [Theory]
    [InlineData(64, 1)]
    [InlineData(1, 64)]
    public void Fill_LongerThanContextOrBatch_IsTruncated(int capacity, int contextLength) => Tokens(Fill(capacity, contextLength, 3)).Should().Equal("40>32");

    private static TokenBatch Fill(int capacity, int contextLength, params int[] samples)
    {
        var batch = new TokenBatch(capacity);
        new MismatchedAnswers(s_samples, s_lengths, contextLength).Fill(batch, samples, 0);
        return batch;
    }

    // The tokens of each segment, and after '>' the last target, which takes no place in the batch.
    private static IEnumerable<string> Tokens(TokenBatch batch) => batch.Segments.Take(batch.SegmentCount).Select((segment, index) =>
        $"{string.Join(' ', batch.Tokens.Skip(segment.Start).Take(segment.Count))}>{batch.Targets[batch.SegmentTargets[index + 1] - 1]}");

    private static TrainingSample Sample(int promptLength, params int[] tokens) => new(tokens, tokens.Select((_, index) => index >= promptLength).ToArray());
}
