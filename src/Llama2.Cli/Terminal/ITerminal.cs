namespace Llama2.Cli.Terminal;

/// <summary>A terminal that understands ANSI control sequences and returns keys one by one, without showing them. Only one reader at a time is allowed.</summary>
internal interface ITerminal
{
    /// <summary>The terminal's current width in cells.</summary>
    int ColumnCount { get; }

    /// <summary>The terminal's current height in cells.</summary>
    int RowCount { get; }

    /// <summary>Whether the next input has already arrived.</summary>
    bool HasInput { get; }

    /// <summary>
    /// Must be called before the first read: from then on the terminal neither shows the typed keys nor edits lines itself. Only the first call has
    /// an effect.
    /// </summary>
    void TakeKeyboard();

    /// <summary>Waits for the next input.</summary>
    /// <param name="cancellationToken">Ends the wait. Input that arrives later is returned by the next call.</param>
    ValueTask<TerminalInput> ReadAsync(CancellationToken cancellationToken);

    /// <summary>Writes text with control sequences immediately.</summary>
    void Write(string text);
}
