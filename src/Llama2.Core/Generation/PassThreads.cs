using Llama2.Model;

namespace Llama2.Generation;

/// <summary>
/// The memory that a model's passes need for each of the runtime's threads: scratch memory for attention, and buffers for sampling. Used only by the
/// thread that holds the runtime's turn.
/// </summary>
/// <param name="runtime">The runtime that has the threads.</param>
/// <param name="state">Owns the scratch memory for attention.</param>
/// <param name="vocabularySize">The number of tokens in the vocabulary.</param>
internal sealed class PassThreads(LlamaRuntime runtime, InferenceState state, int vocabularySize)
{
    private readonly List<TokenCandidates?> _candidates = [];

    /// <summary>The approximate number of bytes of memory that passes need for each thread.</summary>
    public static long ByteSizePerThread(ModelConfiguration configuration)
        => InferenceState.ByteSizePerThread(configuration) + (long)TokenCandidates.ByteSizePerToken * configuration.VocabularySize;

    /// <summary>
    /// Starts or ends threads of the runtime if their number was changed, and allocates memory for that many threads. If the system refuses a thread
    /// or the memory, passes continue with fewer threads, and the runtime's thread count is reduced accordingly; no sequence fails because of the refusal.
    /// </summary>
    public void Adjust()
    {
        int wanted = runtime.ThreadCount;
        try
        {
            // Memory is reserved before threads are started, so that no thread is ever without memory.
            Reserve(Math.Max(wanted, runtime.Workers.ThreadCount));
            if (wanted != runtime.Workers.ThreadCount)
            {
                runtime.Workers.SetThreadCount(wanted);
            }
        }
        catch (Exception)
        {
            runtime.Workers.SetThreadCount(Math.Min(runtime.Workers.ThreadCount, state.ThreadCount));
            runtime.TakeBack(wanted);
        }

        Reserve(runtime.Workers.ThreadCount);
    }

    /// <summary>The sampling buffers of a worker thread, allocated when the thread first needs them.</summary>
    public TokenCandidates CandidatesOf(int worker) => _candidates[worker] ??= new TokenCandidates(vocabularySize);

    private void Reserve(int threadCount)
    {
        if (state.ThreadCount != threadCount)
        {
            state.SetThreadCount(threadCount);
        }

        while (_candidates.Count < threadCount)
        {
            _candidates.Add(null);
        }

        _candidates.RemoveRange(threadCount, _candidates.Count - threadCount);
    }
}
