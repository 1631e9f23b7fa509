namespace Llama2.Store;

/// <summary>
/// A transient fault, one that may not occur again when the request is retried. <see cref="RetryPolicy"/> catches this exception, so callers of the
/// store never see it.
/// </summary>
/// <param name="message">The fault, as a clause: <c>the connection was lost</c>.</param>
/// <param name="retryAfter">The wait that the hub requested before the next attempt.</param>
/// <param name="innerException">The cause.</param>
internal sealed class TransientException(string message, TimeSpan? retryAfter = null, Exception? innerException = null) : Exception(message, innerException)
{
    public TimeSpan? RetryAfter { get; } = retryAfter;
}
