namespace Llama2.Cli.LineEditing;

/// <summary>Maps keys to edit commands.</summary>
internal static class KeyBindings
{
    /// <summary>
    /// The command of a key that is pressed without Escape or Alt; <see cref="EditCommand.Insert"/> for a character of text. A line feed is treated
    /// as Enter, because the terminal's own line editing, which is active before the first prompt, converts Enter to a line feed.
    /// </summary>
    public static EditCommand Find(ConsoleKeyInfo key)
    {
        bool isWord = (key.Modifiers & (ConsoleModifiers.Control | ConsoleModifiers.Alt)) != 0;
        return key.Key switch
        {
            ConsoleKey.Enter => isWord ? EditCommand.NewLine : EditCommand.Accept,
            ConsoleKey.Backspace => (key.Modifiers & ConsoleModifiers.Alt) != 0 ? EditCommand.KillWordLeft : EditCommand.Backspace,
            ConsoleKey.Delete => isWord ? EditCommand.KillWordRight : EditCommand.Delete,
            ConsoleKey.LeftArrow => isWord ? EditCommand.WordLeft : EditCommand.Left,
            ConsoleKey.RightArrow => isWord ? EditCommand.WordRight : EditCommand.Right,
            ConsoleKey.UpArrow => EditCommand.Up,
            ConsoleKey.DownArrow => EditCommand.Down,
            ConsoleKey.Home => EditCommand.LineStart,
            ConsoleKey.End => EditCommand.LineEnd,
            _ => FindCharacter(key.KeyChar),
        };
    }

    /// <summary>The command of a key that follows Escape, or that is pressed together with Alt.</summary>
    public static EditCommand FindMeta(ConsoleKeyInfo key) => key.KeyChar switch
    {
        'b' or 'B' => EditCommand.WordLeft,
        'f' or 'F' => EditCommand.WordRight,
        'd' or 'D' => EditCommand.KillWordRight,
        '\r' or '\n' => EditCommand.NewLine,
        '\b' or '\x7F' => EditCommand.KillWordLeft,
        _ => key.Key switch
        {
            ConsoleKey.LeftArrow => EditCommand.WordLeft,
            ConsoleKey.RightArrow => EditCommand.WordRight,
            _ => EditCommand.None,
        },
    };

    private static EditCommand FindCharacter(char character) => character switch
    {
        '\x01' => EditCommand.LineStart,
        '\x02' => EditCommand.Left,
        '\x04' => EditCommand.EndInputOrDelete,
        '\x05' => EditCommand.LineEnd,
        '\x06' => EditCommand.Right,
        '\b' or '\x7F' => EditCommand.Backspace,
        '\t' => EditCommand.Insert,
        '\v' => EditCommand.KillToLineEnd,
        '\f' => EditCommand.ClearScreen,
        '\r' or '\n' => EditCommand.Accept,
        '\x0E' => EditCommand.Down,
        '\x10' => EditCommand.Up,
        '\x15' => EditCommand.KillToLineStart,
        '\x17' => EditCommand.KillToSpace,
        '\x19' => EditCommand.Yank,
        _ => char.IsControl(character) ? EditCommand.None : EditCommand.Insert,
    };
}
