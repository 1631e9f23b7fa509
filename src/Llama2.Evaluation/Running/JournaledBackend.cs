using Llama2.Evaluation.Backends;

namespace Llama2.Evaluation.Running;

/// <summary>
/// Stores the responses of a backend in a journal as they come, and answers requests whose response is already there from the journal. Thread-safe.
/// </summary>
/// <param name="backend">The backend.</param>
/// <param name="journal">The journal, which the caller disposes; null for none.</param>
internal sealed class JournaledBackend(IEvaluationBackend backend, ResponseJournal? journal) : IEvaluationBackend
{
    private int _storedResponseCount;

    public string Name => backend.Name;

    public string Fingerprint => backend.Fingerprint;

    /// <summary>The number of responses that were taken from the journal.</summary>
    public int StoredResponseCount => Volatile.Read(ref _storedResponseCount);

    public async Task<EvaluationResponse> AnswerAsync(EvaluationRequest request, CancellationToken cancellationToken = default)
    {
        if (journal is null)
            return await backend.AnswerAsync(request, cancellationToken).ConfigureAwait(false);
        string key = BackendFingerprint.KeyOf(request, backend.Fingerprint);
        if (journal.Find(key) is { } stored)
        {
            Interlocked.Increment(ref _storedResponseCount);
            return stored;
        }

        EvaluationResponse response = await backend.AnswerAsync(request, cancellationToken).ConfigureAwait(false);
        journal.Add(key, response);
        return response;
    }
}
