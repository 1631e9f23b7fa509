using Llama2.Cli.Terminal;

namespace Llama2.Cli.Tests;

/// <summary>Standard output of a user who presses Ctrl+C at a first word.</summary>
internal sealed class InterruptingWriter(Interruption interruption) : StringWriter
{
    private bool _isInterrupted;

    /// <summary>The lines that the user lets pass.</summary>
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
