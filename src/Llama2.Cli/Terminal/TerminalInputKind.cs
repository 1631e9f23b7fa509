namespace Llama2.Cli.Terminal;

/// <summary>What a terminal tells a program that edits lines on it.</summary>
internal enum TerminalInputKind
{
    /// <summary>A key was pressed, or a character pasted.</summary>
    Key,

    /// <summary>The terminal may have another size now.</summary>
    Resized,

    /// <summary>The process was stopped (Ctrl+Z) and goes on: others have written on the screen meanwhile.</summary>
    Resumed,

    /// <summary>There is no more input: the terminal is gone.</summary>
    Ended,
}
