using Llama2.Tests;

namespace Llama2.Evaluation.Tests;

public sealed class PerplexityTests(DemonstrationModel demonstration) : IClassFixture<DemonstrationModel>
{
    private const string Story = "Once upon a time, there was a kind boy. He saw a dog and a red ball. The dog ran home. ";

    private static readonly string s_text = string.Concat(Enumerable.Repeat(Story, 12));

    private readonly LlamaModel _model = demonstration.Model;

    [Theory]
    [InlineData(4, null)]
    [InlineData(33, 3)]
    [InlineData(64, null)]
    public async Task ComputeWindowedAsync_Text_ScoresTheSecondHalfOfEachWindowAsLlamaCppDoes(int windowLength, int? maximumCount)
    {
        WindowedPerplexity actual = await Perplexity.ComputeWindowedAsync(_model, s_text, windowLength, maximumCount);

        int[] tokens = _model.Tokenizer.Encode(s_text, addBeginOfSequence: true);
        int windowCount = Math.Min(maximumCount ?? int.MaxValue, tokens.Length / windowLength);
        var scores = new List<double>();
        for (int start = 0; start < windowCount * windowLength; start += windowLength)
        {
            int[] window = [_model.Tokenizer.BeginOfSequenceId, .. tokens.AsSpan(start + 1, windowLength - 1)];
            float[] logits = await _model.ComputeLogitsAsync(window);
            for (int i = windowLength / 2; i < windowLength - 1; i++)
                scores.Add(LogProbability(logits, i, window[i + 1]));
        }

        double mean = scores.Average(), variance = scores.Average(score => score * score) - (mean * mean);
        actual.Perplexity.Should().BeApproximately(Math.Exp(-mean), 1e-5 * Math.Exp(-mean));
        actual.StandardError.Should().BeApproximately(Math.Exp(-mean) * Math.Sqrt(variance / (scores.Count - 1)), 1e-4 * actual.StandardError);
        (actual.WindowCount, actual.WindowLength, actual.ScoredTokenCount).Should().Be((windowCount, windowLength, scores.Count));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(50)]
    [InlineData(512)]
    [InlineData(null)]
    public async Task ComputeRollingAsync_Text_ScoresEachTokenOnce(int? windowLength)
    {
        RollingPerplexity actual = await Perplexity.ComputeRollingAsync(_model, s_text, windowLength);

        int[] tokens = _model.Tokenizer.Encode(s_text, addBeginOfSequence: true);
        int length = Math.Min(windowLength ?? 512, tokens.Length - 1);
        double sum = 0;
        for (int first = 1; first < tokens.Length; first += length)
        {
            int end = Math.Min(first + length, tokens.Length), begin = Math.Max(0, end - 1 - length);
            int[] input = tokens[begin..(end - 1)];
            float[] logits = await _model.ComputeLogitsAsync(input);
            for (int i = first; i < end; i++)
                sum += LogProbability(logits, i - 1 - begin, tokens[i]);
        }

        actual.LogProbability.Should().BeApproximately(sum, 1e-5 * -sum);
        (actual.TokenCount, actual.WordCount, actual.ByteCount).Should().Be((tokens.Length - 1, s_text.Split(' ').Length, s_text.Length));
        actual.WordPerplexity.Should().BeApproximately(Math.Exp(-sum / actual.WordCount), 1e-3 * actual.WordPerplexity);
        actual.BytePerplexity.Should().BeApproximately(Math.Exp(-sum / s_text.Length), 1e-5);
        actual.BitsPerByte.Should().BeApproximately(Math.Log2(actual.BytePerplexity), 1e-9);
    }

    [Fact]
    public async Task ComputeRollingAsync_TextOfManyBytesAndSpaces_CountsAsTheHarnessDoes()
    {
        RollingPerplexity actual = await Perplexity.ComputeRollingAsync(_model, " ä  b\n\nc ");

        (actual.WordCount, actual.ByteCount).Should().Be((5, 10));
    }

    // Expected values from benchmarks/compare/perplexity.mjs, with the llama.cpp of node-llama-cpp 3.22.
    [GoldenTheory]
    [InlineData("stories260K-F32.gguf", 256, 8, 91.17612927805003)]
    [InlineData("stories260K-F16.gguf", 256, 8, 91.17034313772098)]
    public async Task ComputeWindowedAsync_WikiText_IsLlamaCpps(string file, int windowLength, int windowCount, double expected)
    {
        using LlamaModel model = LlamaModel.Load(RepositoryFiles.Golden("stories260k", file));
        string text = await File.ReadAllTextAsync(Path.Combine(RepositoryFiles.Shared, "data", "wikitext2", "wiki.test.raw"));

        WindowedPerplexity actual = await Perplexity.ComputeWindowedAsync(model, text, windowLength, windowCount);

        actual.Perplexity.Should().BeApproximately(expected, 0.005 * expected);
    }

    [Fact]
    public async Task Compute_Progress_IsToldAfterEachWindow()
    {
        var reports = new ReportList();

        WindowedPerplexity windowed = await Perplexity.ComputeWindowedAsync(_model, s_text, 64, 3, progress: reports);
        reports.Reports.Select(report => (report.CompletedCount, report.TotalCount)).Should().Equal((1, 3), (2, 3), (3, 3));
        reports.Reports[^1].Should().Be(new EvaluationProgress(3, 3, windowed.Perplexity));

        reports.Reports.Clear();
        await Perplexity.ComputeRollingAsync(_model, s_text, 500, progress: reports);
        reports.Reports[^1].Fraction.Should().Be(1);
    }

    [Fact]
    public async Task Compute_Options_AreTheModels()
    {
        var options = new ComputationOptions { PrefixScope = "a reader" };
        using var model = new OptionsModel(_model);

        await Perplexity.ComputeWindowedAsync(model, s_text, 64, 3, options);
        await Perplexity.ComputeRollingAsync(model, s_text, 500, options);

        model.Options.Should().HaveCountGreaterThan(3).And.OnlyContain(given => given == options);
    }

    [Fact]
    public async Task Compute_BadArguments_AreNamed()
    {
        (await Compute(s_text, 3).Should().ThrowAsync<ArgumentOutOfRangeException>()).WithParameterName("windowLength");
        (await Compute(s_text, 1025).Should().ThrowAsync<ArgumentOutOfRangeException>()).WithParameterName("windowLength");
        (await Compute(s_text, 4, 0).Should().ThrowAsync<ArgumentOutOfRangeException>()).WithParameterName("maxWindowCount");
        await Compute(Story, 64).Should().ThrowAsync<ArgumentException>().WithMessage("*two windows of 64*");
        await FluentActions.Awaiting(() => Perplexity.ComputeRollingAsync(_model, " \n")).Should().ThrowAsync<ArgumentException>().WithMessage("*no word*");
        await FluentActions.Awaiting(() => Perplexity.ComputeRollingAsync(_model, Story, 0)).Should().ThrowAsync<ArgumentOutOfRangeException>();
    }

    [Fact]
    public async Task Compute_Cancelled_Ends()
    {
        using var source = new CancellationTokenSource();
        await source.CancelAsync();

        await FluentActions.Awaiting(() => Perplexity.ComputeWindowedAsync(_model, s_text, 64, cancellationToken: source.Token))
            .Should().ThrowAsync<OperationCanceledException>();
    }

    private Func<Task> Compute(string text, int windowLength, int? maximumCount = null) =>
        () => Perplexity.ComputeWindowedAsync(_model, text, windowLength, maximumCount);

    private double LogProbability(float[] logits, int row, int token)
    {
        int count = _model.Configuration.VocabularySize;
        double sum = 0;
        for (int i = 0; i < count; i++)
            sum += Math.Exp(logits[(row * count) + i]);
        return logits[(row * count) + token] - Math.Log(sum);
    }

    private sealed class ReportList : IProgress<EvaluationProgress>
    {
        public List<EvaluationProgress> Reports { get; } = [];

        public void Report(EvaluationProgress value) => Reports.Add(value);
    }

    /// <summary>A model that records the options of each computation.</summary>
    private sealed class OptionsModel(ILlamaModel inner) : ILlamaModel
    {
        public List<ComputationOptions?> Options { get; } = [];

        public ModelConfiguration Configuration => inner.Configuration;

        public ModelTokenizer Tokenizer => inner.Tokenizer;

        public Task<float[]> ComputeLogProbabilitiesAsync(ReadOnlyMemory<int> tokens, int start = 1, ComputationOptions? options = null, CancellationToken cancellationToken = default)
        {
            Options.Add(options);
            return inner.ComputeLogProbabilitiesAsync(tokens, start, options, cancellationToken);
        }

        public IAsyncEnumerable<GenerationUpdate> GenerateAsync(ReadOnlyMemory<int> promptTokens, GenerationOptions? options = null, CancellationToken cancellationToken = default)
            => inner.GenerateAsync(promptTokens, options, cancellationToken);

        public void Dispose()
        {
        }
    }
}
