namespace Llama2.Tests;

public sealed class LlamaModelLogProbabilitiesTests(DemonstrationModel demonstration) : IClassFixture<DemonstrationModel>
{
    private readonly LlamaModel _model = demonstration.Model;

    [Theory]
    [InlineData(2, 1)]
    [InlineData(20, 1)]
    [InlineData(20, 19)]
    [InlineData(200, 100)]
    [InlineData(513, 1)]
    public async Task ComputeLogProbabilitiesAsync_Tokens_AreThoseOfTheLogits(int count, int start)
    {
        int[] tokens = Tokens(count);
        float[] logits = await _model.ComputeLogitsAsync(tokens.AsMemory(0, count - 1));

        float[] actual = await _model.ComputeLogProbabilitiesAsync(tokens, start);

        actual.Should().HaveCount(count - start);
        for (int i = start; i < count; i++)
        {
            ReadOnlySpan<float> row = logits.AsSpan((i - 1) * _model.Configuration.VocabularySize, _model.Configuration.VocabularySize);
            double sum = 0;
            foreach (float logit in row)
                sum += Math.Exp(logit);
            actual[i - start].Should().BeApproximately((float)(row[tokens[i]] - Math.Log(sum)), 1e-5f);
        }
    }

    [Fact]
    public async Task ComputeLogProbabilitiesAsync_SomeOrAllTokens_AreTheSameBits()
    {
        int[] tokens = Tokens(300);

        float[] all = await _model.ComputeLogProbabilitiesAsync(tokens), some = await _model.ComputeLogProbabilitiesAsync(tokens, 200);

        some.Should().Equal(all[199..]);
    }

    [Fact]
    public async Task ComputeLogProbabilitiesAsync_BadArguments_AreNamed()
    {
        await Computing([1]).Should().ThrowAsync<ArgumentException>().WithMessage("*2 or more*");
        await Computing([1, 99_999]).Should().ThrowAsync<ArgumentException>().WithMessage("*99,999*");
        (await Computing([1, 2], 0).Should().ThrowAsync<ArgumentOutOfRangeException>()).WithParameterName("start");
        (await Computing([1, 2], 2).Should().ThrowAsync<ArgumentOutOfRangeException>()).WithParameterName("start");
        (await Computing(Tokens(1026)).Should().ThrowAsync<ContextLengthException>()).Which.ContextLength.Should().Be(1024);
    }

    [Fact]
    public async Task ComputeLogProbabilitiesAsync_Cancelled_Ends()
        => await _model.Awaiting(it => it.ComputeLogProbabilitiesAsync(Tokens(300), 1, cancellationToken: new CancellationToken(canceled: true)))
            .Should().ThrowAsync<OperationCanceledException>();

    [Fact]
    public async Task ComputeLogProbabilitiesAsync_WeightsThatOverflow_Throw()
    {
        using LlamaModel model = FloatModel.Load(outputNormFactor: 5e37f);

        await model.Awaiting(it => it.ComputeLogProbabilitiesAsync(new[] { 1, 4, 5 })).Should().ThrowAsync<NumericalException>();
    }

    [Theory]
    [InlineData(2, 1, 20)]
    [InlineData(40, 1, 5)]
    [InlineData(200, 150, 1)]
    public async Task ComputeTopLogProbabilitiesAsync_Tokens_AreThoseOfTheLogits(int count, int start, int topCount)
    {
        int[] tokens = Tokens(count);
        int size = _model.Configuration.VocabularySize;
        float[] logits = await _model.ComputeLogitsAsync(tokens.AsMemory(0, count - 1)), scores = await _model.ComputeLogProbabilitiesAsync(tokens, start);

        ScoredToken[] actual = await _model.ComputeTopLogProbabilitiesAsync(tokens, topCount, start);

        actual.Select(scored => scored.Token).Should().Equal(tokens[start..]);
        actual.Select(scored => scored.LogProbability).Should().Equal(scores);
        for (int i = start; i < count; i++)
        {
            float[] row = logits[((i - 1) * size)..(i * size)];
            double sum = row.Sum(logit => Math.Exp(logit));
            int[] likeliest = [.. Enumerable.Range(0, size).OrderByDescending(id => row[id]).Take(topCount)];
            IReadOnlyList<TokenLogProbability> top = actual[i - start].TopLogProbabilities;
            top.Select(token => token.Token).Should().Equal(likeliest);
            top.Should().OnlyContain(token => Math.Abs(token.LogProbability - (row[token.Token] - Math.Log(sum))) < 1e-5);
        }
    }

    [Fact]
    public async Task ComputeTopLogProbabilitiesAsync_NoneRequested_HasEmptyLists() =>
        (await _model.ComputeTopLogProbabilitiesAsync(Tokens(9), 0)).Should().HaveCount(8).And.OnlyContain(scored => scored.TopLogProbabilities.Count == 0);

    [Theory]
    [InlineData(-1)]
    [InlineData(21)]
    public async Task ComputeTopLogProbabilitiesAsync_CountOutOfRange_IsNamed(int count) =>
        (await _model.Awaiting(it => it.ComputeTopLogProbabilitiesAsync(Tokens(3), count)).Should().ThrowAsync<ArgumentOutOfRangeException>()).WithParameterName("topCount");

    private static int[] Tokens(int count) => [.. Enumerable.Range(0, count).Select(i => i == 0 ? 1 : 259 + (i * 7919 % 700))];

    private Func<Task> Computing(int[] tokens, int start = 1) => () => _model.ComputeLogProbabilitiesAsync(tokens, start);
}
