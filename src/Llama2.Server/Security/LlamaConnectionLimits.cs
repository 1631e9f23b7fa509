namespace Llama2.Server;

/// <summary>
/// Limits of the web server Kestrel that keep slow and idle clients from occupying connections; <c>AddLlamaConnectionLimits</c> sets them for the whole
/// application. The time in which a request's body must arrive is <see cref="LlamaServerOptions.BodyTimeout"/>. Immutable; every property is checked when it is
/// set.
/// </summary>
public sealed record LlamaConnectionLimits
{
    /// <summary>
    /// The maximum number of connections at the same time, 1 to 1,000,000; default 4,096. Further connections are closed at once, without an answer.
    /// </summary>
    public int MaxConnectionCount
    {
        get;
        init => field = value is >= 1 and <= 1_000_000
            ? value
            : throw new ArgumentOutOfRangeException(nameof(MaxConnectionCount), value, $"{nameof(MaxConnectionCount)} must be from 1 to 1,000,000.");
    }
    = 4096;

    /// <summary>
    /// The time in which the headers of a request must arrive, 1 second to 1 hour; default 15 seconds. A slower request is answered with 408, and its
    /// connection is closed.
    /// </summary>
    public TimeSpan HeadersTimeout { get; init => field = Check(value, nameof(HeadersTimeout)); } = TimeSpan.FromSeconds(15);

    /// <summary>How long a connection may be idle between requests, 1 second to 1 hour; default 2 minutes.</summary>
    public TimeSpan IdleTimeout { get; init => field = Check(value, nameof(IdleTimeout)); } = TimeSpan.FromMinutes(2);

    /// <summary>
    /// The rate in bytes per second with which a client must send a body and read an answer, 1 to 1,000,000,000; default 240, which is Kestrel's own. A
    /// client that is slower for 5 seconds is disconnected. A client that stops reading a stream is such a client; between the events of a stream it need not
    /// read anything.
    /// </summary>
    public int MinByteRate
    {
        get;
        init => field = value is >= 1 and <= 1_000_000_000
            ? value
            : throw new ArgumentOutOfRangeException(nameof(MinByteRate), value, $"{nameof(MinByteRate)} must be from 1 to 1,000,000,000.");
    }
    = 240;

    private static TimeSpan Check(TimeSpan value, string property) => value >= TimeSpan.FromSeconds(1) && value <= TimeSpan.FromHours(1)
        ? value
        : throw new ArgumentOutOfRangeException(property, value, $"{property} must be from 1 second to 1 hour.");
}
