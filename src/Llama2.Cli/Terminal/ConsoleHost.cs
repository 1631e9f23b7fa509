using System.Text;

namespace Llama2.Cli.Terminal;

/// <summary>The streams and settings that a command runs with; a test passes its own.</summary>
internal sealed class ConsoleHost
{
    /// <summary>Standard input, as bytes.</summary>
    public required Stream Input { get; init; }

    /// <summary>Standard output, as bytes; for long or exact output.</summary>
    public required Stream OutputStream { get; init; }

    /// <summary>Standard output, as UTF-8 text without a byte order mark, flushed at every write.</summary>
    public required TextWriter Output { get; init; }

    /// <summary>Standard error, flushed at every write.</summary>
    public required TextWriter Error { get; init; }

    /// <summary>Whether a person writes standard input.</summary>
    public bool IsInputTerminal { get; init; }

    /// <summary>Whether a person reads standard output.</summary>
    public bool IsOutputTerminal { get; init; }

    /// <summary>Whether a person reads standard error.</summary>
    public bool IsErrorTerminal { get; init; }

    /// <summary>Where the user's lines are edited; null where they are taken as they come.</summary>
    public ITerminal? Terminal { get; init; }

    /// <summary>Columns of the terminal that standard output goes to.</summary>
    public int OutputWidth { get; init; } = int.MaxValue;

    /// <summary>Whether colours are wanted where a terminal shows them (no-color.org).</summary>
    public bool UsesColor { get; init; }

    /// <summary>Whether errors come with their stack trace.</summary>
    public bool IsDebugging { get; init; }

    /// <summary>What Ctrl+C ends before it ends the command.</summary>
    public Interruption Interruption { get; init; } = new();

    /// <summary>How long a clean stop may take before the process is ended: 2 seconds, or what the running command needs.</summary>
    public TimeSpan StopTimeout { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>Where pulled models are.</summary>
    public LlamaModelStoreOptions StoreOptions { get; init; } = new();

    /// <summary>The host of this process.</summary>
    public static ConsoleHost Process()
    {
        var encoding = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false);
        Console.OutputEncoding = encoding;
        var output = new StandardStream(Console.OpenStandardOutput(), isOutput: true);
        var error = new StandardStream(Console.OpenStandardError(), isOutput: false);
        TextWriter errorText = TextWriter.Synchronized(new StreamWriter(error, encoding) { AutoFlush = true });
        return new ConsoleHost
        {
            Input = OpenInput(),
            OutputStream = output,
            Output = TextWriter.Synchronized(new StreamWriter(output, encoding) { AutoFlush = true }),
            Error = errorText,
            Terminal = ConsoleTerminal.IsSupported ? new ConsoleTerminal(errorText) : null,
            IsInputTerminal = !Console.IsInputRedirected,
            IsOutputTerminal = !Console.IsOutputRedirected,
            IsErrorTerminal = !Console.IsErrorRedirected,
            OutputWidth = Console.IsOutputRedirected || Console.WindowWidth <= 0 ? int.MaxValue : Console.WindowWidth,
            UsesColor = string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR")),
            IsDebugging = Environment.GetEnvironmentVariable("LLAMA2_DEBUG") == "1",
        };
    }

    // Files and pipes hold UTF-8; a terminal has an encoding of its own.
    private static Stream OpenInput() => Console.IsInputRedirected
        ? Console.OpenStandardInput()
        : Encoding.CreateTranscodingStream(Console.OpenStandardInput(), Console.InputEncoding, Encoding.UTF8);
}
