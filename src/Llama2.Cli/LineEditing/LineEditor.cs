using Llama2.Cli.Terminal;
using static System.FormattableString;

namespace Llama2.Cli.LineEditing;

/// <summary>
/// Reads texts that a user types, edits and pastes on a terminal. A text has one or several lines and is ended by Enter. A pasted text is inserted as
/// a whole, including its line breaks. Control characters from the input are never written to the terminal.
/// </summary>
/// <param name="terminal">The terminal; disposing the editor restores the terminal's state.</param>
/// <param name="prompt">The prompt before each text, in ASCII.</param>
/// <param name="maxTextLength">The maximum number of characters of a text.</param>
internal sealed class LineEditor(ITerminal terminal, string prompt, int maxTextLength) : IDisposable
{
    // The maximum number of texts in the history: about as many texts as a hundred screens of a conversation contain.
    private const int MaxHistoryCount = 1_000;
    private const string PasteBracketsOn = "\e[?2004h", PasteBracketsOff = "\e[?2004l";

    private readonly KeyDecoder _keys = new(terminal, maxTextLength);
    private readonly LineScreen _screen = new(terminal);
    private readonly LineHistory _history = new(MaxHistoryCount);
    private readonly LineBuffer _buffer = new();
    private bool _hasBrackets;

    /// <summary>Whether the last text that was read or discarded is empty.</summary>
    public bool IsEmpty => _buffer.Text.Length == 0;

    /// <summary>Reads a text.</summary>
    /// <returns>The text without line breaks at its end, or null at the end of input (Ctrl+D with an empty text).</returns>
    /// <param name="cancellationToken">Discards the text, like Ctrl+C.</param>
    /// <exception cref="CommandException">The text is too long.</exception>
    public async Task<string?> ReadAsync(CancellationToken cancellationToken)
    {
        _buffer.Set("");
        _history.GoToEnd();
        _screen.Forget();
        terminal.TakeKeyboard();
        // Bracketed paste is turned on at each prompt, because a program that ran while this program was stopped may have turned it off.
        terminal.Write(PasteBracketsOn);
        _hasBrackets = true;
        Draw();
        try
        {
            while (true)
            {
                Keystroke key = await _keys.ReadAsync(cancellationToken).ConfigureAwait(false);
                if (key.Command == EditCommand.Accept)
                {
                    string text = _buffer.Text.TrimEnd('\n');
                    _history.Add(text);
                    Leave();
                    return text;
                }

                if (key.Command == EditCommand.EndInput || (key.Command == EditCommand.EndInputOrDelete && IsEmpty))
                {
                    Leave();
                    return null;
                }

                Edit(key);
                if (!_keys.HasInput)
                    Draw();
            }
        }
        catch (OperationCanceledException)
        {
            Leave("^C");
            throw;
        }
    }

    public void Dispose()
    {
        if (_hasBrackets)
            terminal.Write(PasteBracketsOff);
        _hasBrackets = false;
    }

    private void Edit(Keystroke key)
    {
        switch (key.Command)
        {
            case EditCommand.Insert: Insert(key.Text); break;
            case EditCommand.NewLine: Insert("\n"); break;
            case EditCommand.RefuseLongPaste: RefuseLongText(); break;
            case EditCommand.Left: _buffer.MoveLeft(); break;
            case EditCommand.Right: _buffer.MoveRight(); break;
            case EditCommand.WordLeft: _buffer.MoveWordLeft(); break;
            case EditCommand.WordRight: _buffer.MoveWordRight(); break;
            case EditCommand.LineStart: _buffer.MoveToLineStart(); break;
            case EditCommand.LineEnd: _buffer.MoveToLineEnd(); break;
            case EditCommand.Up: Recall(_buffer.MoveUp() ? null : _history.Previous(_buffer.Text)); break;
            case EditCommand.Down: Recall(_buffer.MoveDown() ? null : _history.Next()); break;
            case EditCommand.Backspace: _buffer.Backspace(); break;
            case EditCommand.Delete or EditCommand.EndInputOrDelete: _buffer.Delete(); break;
            case EditCommand.KillToLineStart: _buffer.KillToLineStart(); break;
            case EditCommand.KillToLineEnd: _buffer.KillToLineEnd(); break;
            case EditCommand.KillToSpace: _buffer.KillToSpace(); break;
            case EditCommand.KillWordLeft: _buffer.KillWordLeft(); break;
            case EditCommand.KillWordRight: _buffer.KillWordRight(); break;
            case EditCommand.Yank: Insert(_buffer.Killed); break;
            case EditCommand.ClearScreen: _screen.Clear(); break;
            case EditCommand.RedrawAnew: _screen.Forget(); terminal.Write(PasteBracketsOn); break;
            default: break;
        }
    }

    private void Insert(string text)
    {
        if (_buffer.Text.Length + text.Length > maxTextLength)
            RefuseLongText();
        _buffer.Insert(text);
    }

    private void Recall(string? text)
    {
        if (text is not null)
            _buffer.Set(text);
    }

    // The text without the refused part is added to the history, so the user can get it back.
    private void RefuseLongText()
    {
        _history.Add(_buffer.Text);
        Leave();
        throw new CommandException(Invariant($"The text would have more than {maxTextLength:N0} characters, which is the maximum: paste a part of it."));
    }

    private void Draw() => _screen.Draw(LineLayout.Of(prompt, _buffer.Text, _buffer.Cursor, terminal.ColumnCount));

    private void Leave(string ending = "")
    {
        _screen.Draw(LineLayout.Of(prompt, _buffer.Text, _buffer.Text.Length, terminal.ColumnCount));
        _screen.Leave(ending);
    }
}
