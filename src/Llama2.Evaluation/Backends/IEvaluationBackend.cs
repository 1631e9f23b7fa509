namespace Llama2.Evaluation;

/// <summary>
/// Answers the requests of an evaluation: a model on this machine (<see cref="ModelBackend"/>), recorded responses, or whatever an application connects.
/// Implementations are thread-safe.
/// </summary>
public interface IEvaluationBackend
{
    /// <summary>The name of the model, for reports.</summary>
    string Name { get; }

    /// <summary>
    /// Identifies the model and everything else that a response depends on, such as adapters and the prompt format: responses that are stored with one
    /// fingerprint are not used with another.
    /// </summary>
    string Fingerprint { get; }

    /// <summary>Answers a request. The same request always has the same response.</summary>
    /// <param name="request">The request.</param>
    /// <param name="cancellationToken">Ends the computation.</param>
    /// <exception cref="LlamaException">The model cannot answer.</exception>
    /// <exception cref="NotSupportedException">The backend does not support requests of this type.</exception>
    Task<EvaluationResponse> AnswerAsync(EvaluationRequest request, CancellationToken cancellationToken = default);
}
