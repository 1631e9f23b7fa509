using System.Globalization;
using Llama2.Cli.Output;
using Llama2.Cli.Terminal;
using Llama2.Extensions;
using Microsoft.Extensions.Logging;

namespace Llama2.Cli.Serving;

/// <summary>Writes the log to standard error, one line for each entry. Thread-safe.</summary>
/// <param name="host">The streams of the command.</param>
/// <param name="clock">The clock of the time in each line.</param>
internal sealed class StandardErrorLog(ConsoleHost host, TimeProvider clock) : ILoggerProvider
{
    private volatile bool _reportsFailedLoads;

    /// <summary>
    /// From now on, failures to load a model are written too. Before, while the server starts, the failure ends the command, which reports it itself.
    /// </summary>
    public void ReportFailedLoads() => _reportsFailedLoads = true;

    public ILogger CreateLogger(string categoryName) => new CategoryLog(this, categoryName);

    public void Dispose()
    {
    }

    private void Write(string category, LogLevel level, EventId id, string message, Exception? exception)
    {
        if (level == LogLevel.Error && category == LlamaTelemetry.Name && !_reportsFailedLoads)
            return;
        string time = clock.GetUtcNow().ToString("yyyy-MM-dd HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);
        string line = $"{time} {Word(level)} {category}[{id.Id}]: {PrintableText.SingleLine(message)}";
        lock (host)
        {
            host.Error.WriteLine(exception is null ? line : $"{line}\n{PrintableText.Lines(exception.ToString())}");
        }
    }

    private static string Word(LogLevel level) => level switch
    {
        LogLevel.Trace => "trace",
        LogLevel.Debug => "debug",
        LogLevel.Information => "info",
        LogLevel.Warning => "warning",
        LogLevel.Error => "error",
        _ => "critical",
    };

    private sealed class CategoryLog(StandardErrorLog log, string category) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull
            => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel != LogLevel.None;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            log.Write(category, logLevel, eventId, formatter(state, exception), exception);
    }
}
