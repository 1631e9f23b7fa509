using Llama2.Speculation;

namespace Llama2.Generation;

/// <summary>
/// Lets the draft model guess the next tokens of all running sequences that use it, before each pass that decodes them. If the draft model fails, it makes no
/// more guesses; nothing else is affected.
/// </summary>
/// <param name="model">Makes the guesses; owned by this object.</param>
/// <param name="runtime">The threads, and the clock.</param>
/// <param name="isCancelled">Whether to end early.</param>
internal sealed class DraftRound(DraftModel model, LlamaRuntime runtime, Func<bool> isCancelled) : IDisposable
{
    private readonly List<Sequence> _sequences = [];
    private readonly List<(DraftText Text, int Count)> _requests = [];

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
        bool isSound = true;
        long start = runtime.TimeProvider.GetTimestamp();
        try
        {
            using LlamaRuntime.Turn turn = runtime.WaitForTurn();
            start = runtime.TimeProvider.GetTimestamp();
            for (int i = _requests.Count - 1; i >= 0; i--)
            {
                if (!model.Follow(_requests[i].Text, _sequences[i].Tokens))
                {
                    _requests.RemoveAt(i);
                }
            }

            model.Guess(_requests, isCancelled);
        }
#pragma warning disable CA1031 // Guesses are optional. If the cause lies in the runtime, the pass of the sequences fails, too, and reports it.
        catch (Exception)
#pragma warning restore CA1031
        {
            isSound = false;
        }

        _requests.Clear();
        double seconds = runtime.TimeProvider.GetElapsedTime(start).TotalSeconds / _sequences.Count;
        foreach (Sequence sequence in _sequences)
        {
            sequence.TakeDraft(isSound, seconds);
        }
    }
}
