using Microsoft.Extensions.Logging;

namespace Llama2.Extensions.Tests;

/// <summary>Stores all log entries.</summary>
internal sealed class RecordingLoggerFactory : ILoggerFactory, ILogger
{
    private readonly List<(string Message, Dictionary<string, object?> Values, Exception? Exception, EventId Id)> _entries = [];

    public IReadOnlyList<(string Message, Dictionary<string, object?> Values, Exception? Exception, EventId Id)> Entries
    {
        get
        {
            lock (_entries)
            {
                return [.. _entries];
            }
        }
    }

    public ILogger CreateLogger(string categoryName) => this;

    public bool IsEnabled(LogLevel logLevel) => true;

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull
        => null;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        var values = new Dictionary<string, object?>((IEnumerable<KeyValuePair<string, object?>>)state!);
        lock (_entries)
        {
            _entries.Add((formatter(state, exception), values, exception, eventId));
        }
    }

    public void AddProvider(ILoggerProvider provider) => throw new NotSupportedException();

    public void Dispose()
    {
    }
}
