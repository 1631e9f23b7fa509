namespace Llama2.Cli.LineEditing;

/// <summary>The effect of a key on the text that is being edited. The keys and the names of the effects are those of Emacs and GNU Readline.</summary>
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
