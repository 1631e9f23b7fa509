using Llama2.Formats.Gguf;
using Llama2.Generation;
using Llama2.Model;
using Llama2.Tensors;
using Llama2.Tests.Model;
using Llama2.Threading;

namespace Llama2.Tests.Generation;

public sealed class EmbeddingWindowTests : IDisposable
{
    private readonly GgufFile _file = new TinyLlama().Open();
    private readonly WorkerPool _pool = new(1);
    private readonly ModelConfiguration _configuration;
    private readonly LlamaWeights _weights;
    private readonly Scheduler _scheduler;
    private readonly Pause _pause;
    private int _cacheCount;

    public EmbeddingWindowTests()
    {
        _configuration = ConfigurationReader.Read(_file);
        _weights = new WeightLoader(_file, _configuration, _pool, WeightMatrixFactory.BestTier, null, default).Load();
        var state = new InferenceState(_configuration, 256, 4, 1);
        _scheduler = new Scheduler(new LlamaTransformer(_configuration, _weights, Attentions.For(_configuration), _pool), state, _pool);
        _pause = new Pause(CreateCache(1));
        _scheduler.Start(_pause);
        _cacheCount = 0;
    }

    public void Dispose()
    {
        _pause.End();
        _scheduler.Dispose();
        _pool.Dispose();
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

        _cacheCount.Should().Be(startedCount, "the scheduler is paused");
        run.IsCompleted.Should().BeFalse();
        _pause.End();
        float[][] embeddings = await run;
        _cacheCount.Should().Be(1000);
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
        _cacheCount.Should().Be(33);
    }

    [Fact]
    public async Task RunAsync_NoMemoryForALaterText_FailsAndCancelsTheOthers()
    {
        var window = new EmbeddingWindow(
            _scheduler, capacity => _cacheCount == 5 ? throw new LlamaMemoryException("none", 1, 0) : CreateCache(capacity), _configuration.EmbeddingLength, new EmbeddingOptions());

        await FluentActions.Awaiting(() => window.RunAsync([.. Enumerable.Repeat<int[]>([1], 10)], default)).Should().ThrowAsync<LlamaMemoryException>();

        _pause.End();
        (await Window().RunAsync([[1, 2]], default)).Should().HaveCount(1);
    }

    private EmbeddingWindow Window() => new(_scheduler, CreateCache, _configuration.EmbeddingLength, new EmbeddingOptions());

    private KeyValueCache CreateCache(int capacity)
    {
        _cacheCount++;
        return new KeyValueCache(_configuration, Attentions.For(_configuration), capacity);
    }

    // Holds the scheduler's thread until it is ended.
    private sealed class Pause(KeyValueCache cache) : Sequence([0], 1, cache)
    {
        private readonly ManualResetEventSlim _end = new();

        public override bool IsReady
        {
            get
            {
                _end.Wait();
                return false;
            }
        }

        public void End()
        {
            _end.Set();
            Cancel();
        }

        public override void Fail(Exception exception)
        {
        }

        protected override bool WantsLogits(int position) => false;

        protected override void Accept(int position, ReadOnlySpan<float> output)
        {
        }
    }
}
