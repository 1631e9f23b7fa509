namespace Llama2.Cli.Terminal;

/// <summary>A terminal that understands ANSI control sequences and gives keys one by one, unechoed. One reader at a time.</summary>
internal interface ITerminal
{
    /// <summary>Its width in cells, now.</summary>
    int ColumnCount { get; }

    /// <summary>Its height in cells, now.</summary>
    int RowCount { get; }

    /// <summary>Whether the next input is here already.</summary>
    bool HasInput { get; }

    /// <summary>Takes the keyboard, before the first read: from now on the terminal neither echoes keys nor edits lines of its own. Once is enough.</summary>
    void TakeKeyboard();

    /// <summary>Waits for the next input.</summary>
    /// <param name="cancellationToken">Ends the wait; no input is lost.</param>
    ValueTask<TerminalInput> ReadAsync(CancellationToken cancellationToken);

    /// <summary>Writes text with control sequences, at once.</summary>
    void Write(string text);
}
