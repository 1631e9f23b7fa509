using Llama2.Cli.Terminal;

namespace Llama2.Cli.Tests;

/// <summary>Standard output of a user who presses Ctrl+C at the first word.</summary>
internal sealed class InterruptingWriter(Interruption interruption) : StringWriter
{
    private bool _isInterrupted;

    public override Task WriteAsync(string? value)
    {
        if (!_isInterrupted)
        {
            interruption.TryInterrupt().Should().BeTrue();
            _isInterrupted = true;
        }

        return base.WriteAsync(value);
    }
}
