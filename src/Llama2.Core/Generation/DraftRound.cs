using Llama2.Speculation;

namespace Llama2.Generation;

/// <summary>
/// Lets the draft model guess for all running sequences that want its guesses, before each pass that decodes them. A failure of the draft model ends its
/// guesses for the sequences that it guessed for, and nothing else; the usage of each says so, and the first one is reported.
/// </summary>
/// <param name="model">Makes the guesses; owned by this object.</param>
/// <param name="runtime">The threads, and the clock.</param>
/// <param name="isCancelled">Whether to end early.</param>
/// <param name="onFault">Called with the first failure; may be the application's code.</param>
internal sealed class DraftRound(DraftModel model, LlamaRuntime runtime, Func<bool> isCancelled, Action<Exception>? onFault) : IDisposable
{
    private readonly List<Sequence> _sequences = [];
    private readonly List<(DraftText Text, int Count)> _requests = [];
    private Exception? _fault;
    private bool _hasReported;

    /// <summary>Guesses for the running sequences.</summary>
    /// <param name="running">The sequences.</param>
    /// <param name="forecast">The forecast of the next pass.</param>
    public void Run(List<Sequence> running, PassForecast forecast)
    {
        if (forecast.Room == 0)
        {
            return;
        }

        _sequences.Clear();
        double secondsPerGuess = model.SecondsPerGuess(forecast.SequenceCount);
        foreach (Sequence sequence in running)
        {
            if (sequence.IsReady && sequence.IsDecoding && sequence.RequestDraft(forecast, secondsPerGuess, model.ContextLength) is { } request)
            {
                _sequences.Add(sequence);
                _requests.Add(request);
            }
        }

        if (_sequences.Count > 0)
        {
            Guess();
        }
    }

    public void Dispose() => model.Dispose();

    private void Guess()
    {
        long start = runtime.TimeProvider.GetTimestamp();
        try
        {
            using LlamaRuntime.Turn turn = runtime.WaitForTurn();
            start = runtime.TimeProvider.GetTimestamp();
            for (int i = _sequences.Count - 1; i >= 0; i--)
            {
                Follow(i);
            }

            model.Guess(_requests, isCancelled);
        }
#pragma warning disable CA1031 // Guesses are optional. If the cause lies in the runtime, the pass of the sequences fails, too, and reports it.
        catch (Exception fault)
#pragma warning restore CA1031
        {
            _sequences.ForEach(sequence => sequence.EndModelDrafts(fault));
            _sequences.Clear();
            _fault ??= fault;
        }

        Report();
        _requests.Clear();
        double seconds = runtime.TimeProvider.GetElapsedTime(start).TotalSeconds / _sequences.Count;
        foreach (Sequence sequence in _sequences)
        {
            sequence.TakeDraft(seconds);
        }
    }

    // A text that there is no memory for is the only one that ends. It does not ask again before each pass, because asking takes time.
    private void Follow(int index)
    {
        try
        {
            model.Follow(_requests[index].Text, _sequences[index].Tokens);
        }
        catch (LlamaMemoryException fault)
        {
            _sequences[index].EndModelDrafts(fault);
            _sequences.RemoveAt(index);
            _requests.RemoveAt(index);
            _fault ??= fault;
        }
    }

    // Called after the runtime's turn has ended, because the application's code may wait for another model of the same runtime.
    private void Report()
    {
        if (_fault is null || _hasReported)
        {
            return;
        }

        _hasReported = true;
        try
        {
            onFault?.Invoke(_fault);
        }
#pragma warning disable CA1031 // An exception of the application's code would end the thread that computes all generations.
        catch (Exception)
#pragma warning restore CA1031
        {
        }
    }
}
