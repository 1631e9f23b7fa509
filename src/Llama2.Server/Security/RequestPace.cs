using Llama2.Server.Accounting;

namespace Llama2.Server.Security;

/// <summary>Measures how long requests take, to tell a refused client when to try again. Thread-safe.</summary>
internal sealed class RequestPace : IRequestObserver
{
    // The weight of the newest request in the mean: the mean follows a change of load within some 10 requests.
    private const double Weight = 0.1;
    private const double MaxSeconds = 60;
    private readonly Lock _gate = new();
    private double? _meanSeconds;

    /// <summary>
    /// After how many seconds a refused request should be sent again, 1 to 60. If the running requests take as long as the recent ones, half of them have been
    /// answered after half of that time, so there is room for those that were refused. After a shorter time, clients would be refused again.
    /// </summary>
    public int RetryAfterSeconds
    {
        get
        {
            lock (_gate)
                return (int)Math.Clamp(Math.Ceiling((_meanSeconds ?? 0) / 2), 1, MaxSeconds);
        }
    }

    public void OnEnded(RequestRecord record)
    {
        // Refused requests, and those that compute nothing, say nothing about the time that an answer takes.
        if (record.IsAborted || record.GeneratedTokenCount == 0)
            return;
        double seconds = record.Duration.TotalSeconds;
        lock (_gate)
            _meanSeconds = _meanSeconds is { } mean ? mean + Weight * (seconds - mean) : seconds;
    }
}
