namespace Llama2.Store;

/// <summary>
/// How often, and after which waits, a request is retried. The wait is doubled for each retry, and a random part is subtracted, so that many clients
/// do not retry at the same moment.
/// </summary>
/// <param name="count">The maximum number of consecutive retries.</param>
/// <param name="delay">The wait before the first retry.</param>
/// <param name="timeProvider">The clock for the waits.</param>
internal sealed class RetryPolicy(int count, TimeSpan delay, TimeProvider timeProvider)
{
    private const int MaxDoublingCount = 6;

    /// <summary>Repeats the work until it succeeds, fails permanently, or fails again after the last allowed retry.</summary>
    /// <param name="what">What is requested, for the message, such as <c>the list of files of 'owner/repository'</c>.</param>
    /// <param name="work">The work.</param>
    /// <param name="hasAdvanced">Whether the work has made progress although it failed. If so, the count of consecutive retries starts again.</param>
    /// <param name="retrying">Called before each wait with the description of the retry.</param>
    /// <param name="cancellationToken">Cancels the waiting.</param>
    /// <exception cref="ModelStoreException">The work failed too often.</exception>
    public async Task<T> RunAsync<T>(string what, Func<Task<T>> work, Func<bool> hasAdvanced, Action<PullRetry> retrying, CancellationToken cancellationToken)
    {
        for (int retry = 0; ; retry++)
        {
            try
            {
                return await work().ConfigureAwait(false);
            }
            catch (TransientException exception)
            {
                if (hasAdvanced())
                    retry = 0;
                if (retry >= count)
                {
                    throw new ModelStoreException(
                        $"{what} could not be downloaded from the hub: {exception.Message}, even after {count} retries. Try again later; the bytes that were received are kept.", exception);
                }

                TimeSpan wait = Delay(delay, retry, exception.RetryAfter, Random.Shared.NextDouble());
                retrying(new PullRetry(exception.Message, retry + 1, count, wait));
                await Task.Delay(wait, timeProvider, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    /// <summary>The wait before a retry.</summary>
    /// <param name="first">The wait before the first retry, before a random part is subtracted.</param>
    /// <param name="retry">The number of retries before this one.</param>
    /// <param name="retryAfter">The wait that the hub requested, if any.</param>
    /// <param name="random">A random number from 0 to 1.</param>
    public static TimeSpan Delay(TimeSpan first, int retry, TimeSpan? retryAfter, double random)
    {
        TimeSpan own = first * (1 << Math.Min(retry, MaxDoublingCount)) * (1 - 0.5 * random);
        TimeSpan longest = first * (1 << MaxDoublingCount);
        return retryAfter is not { } asked || asked <= own ? own : asked < longest ? asked : longest;
    }
}
