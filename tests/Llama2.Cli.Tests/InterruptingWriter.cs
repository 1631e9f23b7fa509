using Llama2.Cli.Terminal;

namespace Llama2.Cli.Tests;

/// <summary>Standard output of a command whose user presses Ctrl+C after a number of lines.</summary>
internal sealed class InterruptingWriter(Interruption interruption) : StringWriter
{
    private bool _isInterrupted;

    /// <summary>The number of lines that are written before the user presses Ctrl+C.</summary>
    public int LineCount { get; init; }

    public override Task WriteAsync(string? value)
    {
        if (!_isInterrupted && ToString().Count(character => character == '\n') >= LineCount)
        {
            interruption.TryInterrupt().Should().BeTrue();
            _isInterrupted = true;
        }

        return base.WriteAsync(value);
    }
}
