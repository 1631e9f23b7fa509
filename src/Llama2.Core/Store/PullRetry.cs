namespace Llama2;

/// <summary>
/// A request that has failed during a pull, and will be retried after a wait. The pull continues; if the last retry fails too, the pull throws an
/// exception.
/// </summary>
/// <param name="Reason">The fault, as a sentence without a full stop: <c>huggingface.co cannot be reached (Name or service not known)</c>.</param>
/// <param name="Number">The number of this retry among consecutive retries, from 1.</param>
/// <param name="MaxNumber">The maximum number of consecutive retries; see <see cref="LlamaModelStoreOptions.RetryCount"/>.</param>
/// <param name="Delay">The wait before this retry.</param>
public sealed record PullRetry(string Reason, int Number, int MaxNumber, TimeSpan Delay);
