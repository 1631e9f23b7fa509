using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace Llama2.Server.Endpoints;

/// <summary>
/// What happens to requests when the application stops: those that are running may finish within a limited time, new ones are refused. Thread-safe.
/// </summary>
#pragma warning disable CA1001 // The source of the token has neither a timer nor a handle, and the last requests use it when the application ends.
internal sealed class Shutdown
#pragma warning restore CA1001
{
    // A part of the time that the host waits for running requests. It suffices to send the events that end the streams; then the web server closes the
    // connections.
    private static readonly TimeSpan s_farewell = TimeSpan.FromSeconds(2);

    private readonly CancellationToken _stopping;
    private readonly CancellationTokenSource _ending = new();
    private readonly TimeSpan _grace;
    private readonly TimeProvider _clock;

    /// <param name="services">The application's services.</param>
    /// <param name="grace">The time for which running requests may continue; it is shortened if the host waits for a shorter time.</param>
    /// <param name="clock">The clock.</param>
    public Shutdown(IServiceProvider services, TimeSpan grace, TimeProvider clock)
    {
        _stopping = services.GetService<IHostApplicationLifetime>()?.ApplicationStopping ?? CancellationToken.None;
        _grace = Within(grace, services.GetService<IOptions<HostOptions>>()?.Value.ShutdownTimeout ?? Timeout.InfiniteTimeSpan);
        _clock = clock;
        _stopping.Register(Begin);
    }

    /// <summary>Whether the application is stopping, so that new requests are refused.</summary>
    public bool HasBegun => _stopping.IsCancellationRequested;

    /// <summary>Is cancelled when running requests must end.</summary>
    public CancellationToken Ending => _ending.Token;

    /// <summary>The time for which running requests may continue. The rest of the time for which the host waits then suffices to inform the clients.</summary>
    public static TimeSpan Within(TimeSpan grace, TimeSpan hostTimeout)
    {
        if (hostTimeout == Timeout.InfiniteTimeSpan)
            return grace;
        TimeSpan farewell = hostTimeout / 4 < s_farewell ? hostTimeout / 4 : s_farewell;
        return grace < hostTimeout - farewell ? grace : hostTimeout - farewell;
    }

    private void Begin()
    {
        if (_grace == TimeSpan.Zero)
            _ending.Cancel();
        else
            _ = Task.Delay(_grace, _clock).ContinueWith(_ => _ending.Cancel(), TaskScheduler.Default);
    }
}
