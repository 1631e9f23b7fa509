namespace Llama2.Cli.Terminal;

/// <summary>A terminal that understands ANSI control sequences and returns keys one by one, without echo. One reader at a time.</summary>
internal interface ITerminal
{
    /// <summary>The terminal's current width in cells.</summary>
    int ColumnCount { get; }

    /// <summary>The terminal's current height in cells.</summary>
    int RowCount { get; }

    /// <summary>Whether the next input has already arrived.</summary>
    bool HasInput { get; }

    /// <summary>
    /// Takes over the keyboard, before the first read: from now on the terminal neither echoes keys nor edits lines itself. Only the first call has
    /// an effect.
    /// </summary>
    void TakeKeyboard();

    /// <summary>Waits for the next input.</summary>
    /// <param name="cancellationToken">Ends the wait; no input is lost.</param>
    ValueTask<TerminalInput> ReadAsync(CancellationToken cancellationToken);

    /// <summary>Writes text with control sequences immediately.</summary>
    void Write(string text);
}
