namespace Llama2.Model;

/// <summary>
/// Computes batches. This is the only interface that a compute backend implements: scheduler, sequences, prefix sharing and sampling use nothing else
/// of a backend. Only one pass at a time may use the same <see cref="InferenceState"/>.
/// </summary>
internal interface IForwardPass
{
    /// <summary>
    /// Extends the caches by the batch's tokens, and writes the results: a row of <see cref="InferenceState.Logits"/> for each of the
    /// <see cref="Batch.LogitsTokens"/>, and a row of <see cref="InferenceState.HiddenStates"/> for each of the
    /// <see cref="Batch.HiddenStateTokens"/>.
    /// </summary>
    /// <param name="batch">1 … <see cref="InferenceState.TokenCapacity"/> tokens.</param>
    /// <param name="state">Scratch memory, and the results.</param>
    /// <param name="isCancelled">Called before each layer; true ends the pass.</param>
    /// <returns>False if the pass was ended early; the batch's positions must then be computed again.</returns>
    bool Forward(Batch batch, InferenceState state, Func<bool> isCancelled);
}
