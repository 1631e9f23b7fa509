using Llama2.Formats.Gguf;
using Llama2.Generation;
using Llama2.Kernels;
using Llama2.Model;
using Llama2.Tensors;
using Llama2.Tests.Model;
using Llama2.Threading;

namespace Llama2.Tests.Generation;

/// <summary>A scheduler with everything that it needs.</summary>
internal sealed class TestScheduler : IDisposable
{
    private readonly GgufFile _file;
    private readonly LlamaWeights _weights;

    public TestScheduler(int tokenCapacity, int maxWaitingCount, long memoryByteSize = 1 << 22, TinyLlama? model = null)
    {
        _file = (model ?? new TinyLlama()).Open();
        Configuration = ConfigurationReader.Read(_file);
        _weights = new WeightLoader(_file, Configuration, Runtime, WeightMatrixFactory.BestTier, null, default).Load();
        State = new InferenceState(Configuration, tokenCapacity, tokenCapacity, Pool.ThreadCount);
        Attention attention = Attentions.For(Configuration);
        Memory = new KeyValuePool(Configuration, attention, memoryByteSize);
        Scheduler = new Scheduler(new LlamaTransformer(Configuration, _weights, attention, Pool), State, Memory, Runtime, maxWaitingCount, Timeout.InfiniteTimeSpan);
    }

    public LlamaRuntime Runtime { get; } = new(new LlamaRuntimeOptions { ThreadCount = 2 });

    public WorkerPool Pool => Runtime.Workers;

    public ModelConfiguration Configuration { get; }

    public InferenceState State { get; }

    public KeyValuePool Memory { get; }

    public Scheduler Scheduler { get; }

    /// <summary>Blocks the scheduler until disposed, so that all sequences started in the meantime begin in the same pass.</summary>
    public Pause Pause()
    {
        var pause = new Pause();
        Scheduler.Start(pause);
        SpinWait.SpinUntil(() => pause.IsHolding, TimeSpan.FromSeconds(10)).Should().BeTrue();
        return pause;
    }

    public void Dispose()
    {
        Scheduler.Dispose();
        Runtime.Dispose();
        _weights.Dispose();
        _file.Dispose();
    }
}
