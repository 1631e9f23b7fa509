using Llama2.Model;

namespace Llama2.Generation;

/// <summary>
/// What a model's passes need for each of the runtime's threads: memory for attention, and buffers to choose tokens with. Used by whoever has the
/// runtime's turn.
/// </summary>
/// <param name="runtime">The threads.</param>
/// <param name="state">Has the memory for attention.</param>
/// <param name="vocabularySize">Tokens in the vocabulary.</param>
internal sealed class PassThreads(LlamaRuntime runtime, InferenceState state, int vocabularySize)
{
    private readonly List<TokenCandidates?> _candidates = [];

    /// <summary>About the bytes that passes take for each thread.</summary>
    public static long ByteSizePerThread(ModelConfiguration configuration)
        => InferenceState.ByteSizePerThread(configuration) + (long)TokenCandidates.ByteSizePerToken * configuration.VocabularySize;

    /// <summary>
    /// Starts or ends threads of the runtime if their number was changed, and has memory for as many. If the system refuses either, passes go on
    /// with fewer threads, and the runtime's number says how many: no sequence is at fault.
    /// </summary>
    public void Adjust()
    {
        int wanted = runtime.ThreadCount;
        try
        {
            // Memory first: no thread is ever without.
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

    /// <summary>The buffers of a worker; made when it first needs them.</summary>
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
