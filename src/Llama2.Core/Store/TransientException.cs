namespace Llama2.Store;

/// <summary>A fault that may be over when the request is made again. Never leaves the store; <see cref="RetryPolicy"/> ends it.</summary>
/// <param name="message">What went wrong, as a clause: <c>the connection was lost</c>.</param>
/// <param name="retryAfter">When the hub asked to be asked again.</param>
/// <param name="innerException">The cause.</param>
internal sealed class TransientException(string message, TimeSpan? retryAfter = null, Exception? innerException = null) : Exception(message, innerException)
{
    public TimeSpan? RetryAfter { get; } = retryAfter;
}
