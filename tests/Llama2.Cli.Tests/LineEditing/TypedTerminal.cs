using System.Threading.Channels;
using Llama2.Cli.Terminal;

namespace Llama2.Cli.Tests.LineEditing;

/// <summary>A terminal at which a test types; it delivers keys as .NET's console does.</summary>
internal sealed class TypedTerminal(int columnCount = 40, int rowCount = 12, bool joinsClusters = true) : ITerminal
{
    // A reader that waits for a key continues within the call that sends the key.
    private readonly Channel<TerminalInput> _inputs = Channel.CreateUnbounded<TerminalInput>(new UnboundedChannelOptions { AllowSynchronousContinuations = true });

    public VirtualScreen Screen { get; } = new(columnCount, rowCount, joinsClusters);

    public int ColumnCount => Screen.ColumnCount;

    public int RowCount => Screen.RowCount;

    public bool HasInput => _inputs.Reader.TryPeek(out _);

    /// <summary>Everything that was written.</summary>
    public string Written { get; private set; } = "";

    /// <summary>The task that reads the terminal, if the test has stored it here.</summary>
    public Task? Reading { get; set; }

    public void TakeKeyboard()
    {
    }

    public ValueTask<TerminalInput> ReadAsync(CancellationToken cancellationToken) => _inputs.Reader.ReadAsync(cancellationToken);

    public void Write(string text)
    {
        Written += text;
        Screen.Write(text);
    }

    public void Send(TerminalInputKind kind) => _inputs.Writer.TryWrite(new TerminalInput(kind));

    /// <summary>
    /// Types a text: characters stand for themselves, and other keys are written by name, such as &lt;Left&gt;, &lt;C-Left&gt; (with Ctrl) or
    /// &lt;M-b&gt; (with Alt); &lt;ESC&gt; is the escape character.
    /// </summary>
    public void Type(string keys)
    {
        for (int i = 0; i < keys.Length;)
        {
            int end = keys[i] == '<' ? keys.IndexOf('>', i) : -1;
            Press(end < 0 ? Character(keys[i]) : Named(keys[(i + 1)..end]));
            i = Math.Max(end, i) + 1;
        }
    }

    /// <summary>Pastes text into a terminal with bracketed paste.</summary>
    public void Paste(string text)
    {
        foreach (char character in $"\e[200~{text}\e[201~")
            Press(Character(character));
    }

    private static ConsoleKeyInfo Character(char character) => character switch
    {
        '\e' => new(character, ConsoleKey.Escape, false, false, false),
        '\r' or '\n' => new(character, ConsoleKey.Enter, false, false, false),
        '\t' => new(character, ConsoleKey.Tab, false, false, false),
        '\x7F' => new(character, ConsoleKey.Backspace, false, false, false),
        < ' ' => new(character, ConsoleKey.A + (character - 1), false, false, true),
        _ => new(character, default, false, false, false),
    };

    private static ConsoleKeyInfo Named(string name) => name switch
    {
        "ESC" => Character('\e'),
        "Enter" => Character('\r'),
        ['M', '-', var character] => new(character, default, false, true, false),
        ['C', '-', var character] => Character((char)(character & 0x1F)),
        ['C', '-', ..] => new('\0', Enum.Parse<ConsoleKey>(Key(name[2..])), false, false, true),
        "M-Backspace" => new('\x7F', ConsoleKey.Backspace, false, true, false),
        "M-Enter" => new('\r', ConsoleKey.Enter, false, true, false),
        "Backspace" => Character('\x7F'),
        _ => new('\0', Enum.Parse<ConsoleKey>(Key(name)), false, false, false),
    };

    private static string Key(string name) => name is "Left" or "Right" or "Up" or "Down" ? $"{name}Arrow" : name;

    private void Press(ConsoleKeyInfo key) => _inputs.Writer.TryWrite(new TerminalInput(TerminalInputKind.Key, key));
}
