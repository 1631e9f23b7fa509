using System.Runtime.InteropServices;
using System.Threading.Channels;

namespace Llama2.Cli.Terminal;

/// <summary>The terminal of this process, on Unix. After <see cref="ITerminal.TakeKeyboard"/>, a thread waits for keys until the process ends.</summary>
/// <param name="output">A writer to the terminal.</param>
internal sealed class ConsoleTerminal(TextWriter output) : ITerminal
{
    // This number of characters is enough for any key and for fast typing; the rest of a long pasted text waits in the terminal's own buffer.
    private const int MaxWaitingCount = 4096;

    private readonly Channel<TerminalInput> _inputs = Channel.CreateBounded<TerminalInput>(new BoundedChannelOptions(MaxWaitingCount) { SingleReader = true });
    private PosixSignalRegistration[]? _signals;

    /// <summary>
    /// Whether lines can be edited on this terminal. They cannot be edited on Windows, which edits lines itself, or on a dumb terminal, which has no
    /// cursor to move.
    /// </summary>
    public static bool IsSupported => !OperatingSystem.IsWindows()
        && !Console.IsInputRedirected && !Console.IsErrorRedirected
        && Environment.GetEnvironmentVariable("TERM") is { Length: > 0 } name && name != "dumb";

    public int ColumnCount => Console.WindowWidth;

    public int RowCount => Console.WindowHeight;

    public bool HasInput => _inputs.Reader.TryPeek(out _);

    public void TakeKeyboard()
    {
        if (OperatingSystem.IsWindows())
            throw new PlatformNotSupportedException("Windows edits lines itself.");
        if (_signals is not null)
            return;
        _signals =
        [
            PosixSignalRegistration.Create(PosixSignal.SIGWINCH, _ => _inputs.Writer.TryWrite(new TerminalInput(TerminalInputKind.Resized))),
            PosixSignalRegistration.Create(PosixSignal.SIGCONT, _ => _inputs.Writer.TryWrite(new TerminalInput(TerminalInputKind.Resumed))),
        ];
        // This property sets the terminal's mode immediately; without it, the thread would set the mode a moment later.
        _ = Console.KeyAvailable;
        new Thread(ReadKeys) { IsBackground = true, Name = "Keys" }.Start();
    }

    public ValueTask<TerminalInput> ReadAsync(CancellationToken cancellationToken) => _inputs.Reader.ReadAsync(cancellationToken);

    public void Write(string text) => output.Write(text);

    private void ReadKeys()
    {
        bool hasMore = true;
        while (hasMore)
        {
            // At the end of the input, .NET's console returns an empty key again and again. No key of a keyboard has this value.
            ConsoleKeyInfo key = Console.ReadKey(intercept: true);
            hasMore = key is not { KeyChar: '\0', Key: default(ConsoleKey) };
            _inputs.Writer.WriteAsync(new TerminalInput(hasMore ? TerminalInputKind.Key : TerminalInputKind.Ended, key)).AsTask().GetAwaiter().GetResult();
        }
    }
}
