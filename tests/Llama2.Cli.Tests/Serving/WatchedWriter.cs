using System.Text;

namespace Llama2.Cli.Tests.Serving;

/// <summary>A text in memory that tells when something has been written to it, line by line. Thread-safe.</summary>
internal sealed class WatchedWriter : TextWriter
{
    private readonly Lock _gate = new();
    private readonly StringBuilder _text = new();
    private readonly List<(string Text, TaskCompletionSource Source)> _watches = [];

    public override Encoding Encoding => Encoding.UTF8;

    /// <summary>Completes when the text contains the given text.</summary>
    public Task ContainsAsync(string text)
    {
        lock (_gate)
        {
            var source = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _watches.Add((text, source));
            Notify();
            return source.Task;
        }
    }

    public override void WriteLine(string? value) => Append($"{value}\n");

    public override void Write(string? value) => Append(value ?? "");

    public override void Write(char value) => Append($"{value}");

    public override string ToString()
    {
        lock (_gate)
        {
            return _text.ToString();
        }
    }

    private void Append(string value)
    {
        lock (_gate)
        {
            _text.Append(value);
            Notify();
        }
    }

    private void Notify()
    {
        string text = _text.ToString();
        foreach ((_, TaskCompletionSource source) in _watches.Where(watch => text.Contains(watch.Text, StringComparison.Ordinal)))
            source.TrySetResult();
    }
}
