using Llama2.Formats.Gguf;
using Llama2.Generation;
using Llama2.Kernels;
using Llama2.Model;
using Llama2.Tensors;
using Llama2.Tests.Model;

namespace Llama2.Tests.Generation;

public sealed class EmbeddingWindowTests : IDisposable
{
    private readonly GgufFile _file = new TinyLlama().Open();
    private readonly LlamaRuntime _runtime = new(new LlamaRuntimeOptions { ThreadCount = 1 });
    private readonly ModelConfiguration _configuration;
    private readonly LlamaWeights _weights;
    private readonly Scheduler _scheduler;
    private readonly Pause _pause;

    public EmbeddingWindowTests()
    {
        _configuration = ConfigurationReader.Read(_file);
        _weights = new WeightLoader(_file, _configuration, _runtime, WeightMatrixFactory.BestTier, null, default).Load();
        var state = new InferenceState(_configuration, 256, 4, 1);
        Attention attention = Attentions.For(_configuration);
        _scheduler = new Scheduler(
            new LlamaTransformer(_configuration, _weights, attention, _runtime.Workers), state, new KeyValuePool(_configuration, attention, 1 << 24), _runtime, 40, Timeout.InfiniteTimeSpan);
        _pause = new Pause();
        _scheduler.Start(_pause);
        SpinWait.SpinUntil(() => _scheduler.RunningCount == 1, TimeSpan.FromSeconds(10)).Should().BeTrue();
    }

    public void Dispose()
    {
        _pause.End();
        _scheduler.Dispose();
        _pause.Dispose();
        _runtime.Dispose();
        _weights.Dispose();
        _file.Dispose();
    }

    [Theory]
    [InlineData(1, 32)]
    [InlineData(16, 32)]
    [InlineData(17, 31)]
    [InlineData(100, 6)]
    public async Task RunAsync_ThousandTexts_StartsAFewAndTheOthersInTheirTurn(int tokenCount, int startedCount)
    {
        int[][] texts = [.. Enumerable.Range(0, 1000).Select(text => Enumerable.Range(0, tokenCount).Select(i => (text + i) % TinyLlama.VocabularySize).ToArray())];

        Task<float[][]> run = Window().RunAsync(texts, default);

        _scheduler.WaitingCount.Should().Be(startedCount, "the scheduler is paused");
        run.IsCompleted.Should().BeFalse();
        _pause.End();
        float[][] embeddings = await run;
        embeddings.Should().HaveCount(1000);
        for (int text = TinyLlama.VocabularySize; text < 1000; text++)
        {
            embeddings[text].AsSpan().SequenceEqual(embeddings[text % TinyLlama.VocabularySize]).Should().BeTrue("text {0}", text);
        }

        embeddings.Take(TinyLlama.VocabularySize).Select(embedding => embedding[0]).Should().OnlyHaveUniqueItems();
    }

    [Fact]
    public async Task RunAsync_Cancelled_EndsAtOnceAndFreesTheScheduler()
    {
        using var source = new CancellationTokenSource();
        Task<float[][]> run = Window().RunAsync([.. Enumerable.Repeat<int[]>([1, 2, 3], 1000)], source.Token);

        await source.CancelAsync();

        (await FluentActions.Awaiting(() => run).Should().ThrowAsync<OperationCanceledException>()).Which.CancellationToken.Should().Be(source.Token);
        _pause.End();
        (await Window().RunAsync([[1, 2]], default)).Should().HaveCount(1);
    }

    [Fact]
    public async Task RunAsync_TooManyWait_FailsAndCancelsTheOthers()
    {
        Task<float[][]> first = Window().RunAsync([.. Enumerable.Repeat<int[]>([1], 32)], default);

        await FluentActions.Awaiting(() => Window().RunAsync([.. Enumerable.Repeat<int[]>([1], 10)], default)).Should().ThrowAsync<LlamaBusyException>();

        _pause.End();
        (await first).Should().HaveCount(32);
        (await Window().RunAsync([[1, 2]], default)).Should().HaveCount(1);
    }

    private EmbeddingWindow Window() => new(_scheduler, _configuration.EmbeddingLength, new EmbeddingOptions());
}
