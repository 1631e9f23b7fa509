namespace Llama2.Cli.LineEditing;

/// <summary>The effect of a key on the text that is being edited; named as in Emacs and GNU Readline, whose keys these are.</summary>
internal enum EditCommand
{
    None,
    Insert,
    RefuseLongPaste,
    NewLine,
    Accept,
    EndInput,
    EndInputOrDelete,
    Left,
    Right,
    WordLeft,
    WordRight,
    LineStart,
    LineEnd,
    Up,
    Down,
    Backspace,
    Delete,
    KillToLineStart,
    KillToLineEnd,
    KillToSpace,
    KillWordLeft,
    KillWordRight,
    Yank,
    ClearScreen,
    Redraw,
    RedrawAnew,
}
