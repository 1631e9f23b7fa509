namespace Llama2;

/// <summary>A request of a pull that failed and is made again after a wait. The pull goes on; if it fails for good, that is an exception.</summary>
/// <param name="Reason">What failed, without a full stop: <c>huggingface.co cannot be reached (Name or service not known)</c>.</param>
/// <param name="Number">Which retry in a row this is, from 1.</param>
/// <param name="MaxNumber">How many there are at most in a row; see <see cref="LlamaModelStoreOptions.RetryCount"/>.</param>
/// <param name="Delay">The wait before it.</param>
public sealed record PullRetry(string Reason, int Number, int MaxNumber, TimeSpan Delay);
