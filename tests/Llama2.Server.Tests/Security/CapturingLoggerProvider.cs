using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Llama2.Server.Tests.Security;

/// <summary>Stores everything that a program logs: messages, named values, scopes and exceptions.</summary>
internal sealed class CapturingLoggerProvider : ILoggerProvider
{
    private readonly ConcurrentQueue<CapturedEntry> _entries = new();

    public IReadOnlyCollection<CapturedEntry> Entries => _entries;

    public ILogger CreateLogger(string categoryName) => new Logger(categoryName, _entries);

    public void Dispose()
    {
    }

    /// <summary>An entry, or the beginning of a scope, whose event has the number -1.</summary>
    internal sealed record CapturedEntry(string Category, LogLevel Level, int Event, string Message, IReadOnlyList<KeyValuePair<string, object?>> Values, Exception? Exception)
    {
        public override string ToString() =>
            $"{Category} {Level} {Event} {Message} {string.Join(' ', Values.Select(value => $"{value.Key}={value.Value}"))} {Exception}";
    }

    private sealed class Logger(string category, ConcurrentQueue<CapturedEntry> entries) : ILogger
    {
        public bool IsEnabled(LogLevel logLevel) => true;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull
        {
            entries.Enqueue(new CapturedEntry(category, LogLevel.None, -1, state.ToString()!, ValuesOf(state), null));
            return null;
        }

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            entries.Enqueue(new CapturedEntry(category, logLevel, eventId.Id, formatter(state, exception), ValuesOf(state), exception));

        private static KeyValuePair<string, object?>[] ValuesOf<TState>(TState state) => state is IEnumerable<KeyValuePair<string, object?>> values ? [.. values] : [];
    }
}
