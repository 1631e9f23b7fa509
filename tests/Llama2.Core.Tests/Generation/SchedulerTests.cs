using Llama2.Formats.Gguf;
using Llama2.Generation;
using Llama2.Kernels;
using Llama2.Model;
using Llama2.Tensors;
using Llama2.Tests.Model;
using Llama2.Threading;

namespace Llama2.Tests.Generation;

public sealed class SchedulerTests : IDisposable
{
    private readonly GgufFile _file = new TinyLlama().Open();
    private readonly WorkerPool _pool = new(2);
    private readonly ModelConfiguration _configuration;
    private readonly LlamaWeights _weights;
    private readonly InferenceState _state;
    private readonly Scheduler _scheduler;

    public SchedulerTests()
    {
        _configuration = ConfigurationReader.Read(_file);
        _weights = new WeightLoader(_file, _configuration, _pool, WeightMatrixFactory.BestTier, null, default).Load();
        _state = new InferenceState(_configuration, 4, 4, _pool.ThreadCount);
        Attention attention = Attentions.For(_configuration);
        _scheduler = new Scheduler(
            new LlamaTransformer(_configuration, _weights, attention, _pool), _state, new KeyValuePool(_configuration, attention, 1 << 20), _pool, 1, TimeProvider.System);
    }

    public void Dispose()
    {
        _scheduler.Dispose();
        _pool.Dispose();
        _weights.Dispose();
        _file.Dispose();
    }

    [Theory]
    [InlineData(1)]
    [InlineData(5)]
    public async Task ThreadCount_Set_IsAppliedToThreadsAndTheirMemoryByTheNextPass(int threadCount)
    {
        await Compute();
        _scheduler.ThreadCount = threadCount;
        _pool.ThreadCount.Should().Be(2, "nothing is computed");

        await Compute();

        _pool.ThreadCount.Should().Be(threadCount);
        _state.AttentionScratch.Should().HaveCount(threadCount);
    }

    [Fact]
    public async Task ThreadCount_ThatCannotBeApplied_FailsThePassAndIsTakenBack()
    {
        _pool.Dispose();
        _scheduler.ThreadCount = 3;

        await FluentActions.Awaiting(Compute).Should().ThrowAsync<ObjectDisposedException>();

        _scheduler.ThreadCount.Should().Be(2);
    }

    private Task<float[]> Compute()
    {
        int[] tokens = [1, 2, 3, 4, 5, 6];
        var sequence = new LogitsSequence(tokens, _configuration.VocabularySize);
        _scheduler.Start(sequence);
        return sequence.Logits;
    }
}
