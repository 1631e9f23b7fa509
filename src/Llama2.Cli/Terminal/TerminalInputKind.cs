namespace Llama2.Cli.Terminal;

/// <summary>The kinds of input events for a program that edits lines on a terminal.</summary>
internal enum TerminalInputKind
{
    /// <summary>A key was pressed, or a character was pasted.</summary>
    Key,

    /// <summary>The terminal may have been resized.</summary>
    Resized,

    /// <summary>The process was stopped (Ctrl+Z) and continues; other programs may have written to the screen in the meantime.</summary>
    Resumed,

    /// <summary>There is no more input: the terminal was closed.</summary>
    Ended,
}
