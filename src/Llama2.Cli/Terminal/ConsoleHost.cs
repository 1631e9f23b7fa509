using System.Text;

namespace Llama2.Cli.Terminal;

/// <summary>The streams and settings of a command; tests pass streams and settings of their own.</summary>
internal sealed class ConsoleHost
{
    /// <summary>Standard input, as bytes.</summary>
    public required Stream Input { get; init; }

    /// <summary>Standard output, as bytes; used for long output and for output whose bytes must be exact.</summary>
    public required Stream OutputStream { get; init; }

    /// <summary>Standard output, as UTF-8 text without a byte order mark, flushed at every write.</summary>
    public required TextWriter Output { get; init; }

    /// <summary>Standard error, flushed at every write.</summary>
    public required TextWriter Error { get; init; }

    /// <summary>Whether standard input is a terminal.</summary>
    public bool IsInputTerminal { get; init; }

    /// <summary>Whether standard output is a terminal.</summary>
    public bool IsOutputTerminal { get; init; }

    /// <summary>Whether standard error is a terminal.</summary>
    public bool IsErrorTerminal { get; init; }

    /// <summary>The terminal on which the user's lines are edited; null if lines are read without editing.</summary>
    public ITerminal? Terminal { get; init; }

    /// <summary>The number of columns of the terminal of standard output.</summary>
    public int OutputWidth { get; init; } = int.MaxValue;

    /// <summary>Whether colours are used on a terminal that supports them; false if the environment variable NO_COLOR is set (no-color.org).</summary>
    public bool UsesColor { get; init; }

    /// <summary>Whether errors are written with their stack trace.</summary>
    public bool IsDebugging { get; init; }

    /// <summary>The step that the first Ctrl+C interrupts; if no step is running, Ctrl+C ends the command.</summary>
    public Interruption Interruption { get; init; } = new();

    /// <summary>The time that a clean stop may take before the process is ended: 2 seconds, unless the running command has set a longer time.</summary>
    public TimeSpan StopTimeout { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>The store of pulled models.</summary>
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

    // The bytes of files and pipes are UTF-8; the input of a terminal has the terminal's encoding.
    private static Stream OpenInput() => Console.IsInputRedirected
        ? new StandardInput(Console.OpenStandardInput())
        : Encoding.CreateTranscodingStream(Console.OpenStandardInput(), Console.InputEncoding, Encoding.UTF8);
}
