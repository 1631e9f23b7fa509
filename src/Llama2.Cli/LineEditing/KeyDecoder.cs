using System.Text;
using Llama2.Cli.Terminal;

namespace Llama2.Cli.LineEditing;

/// <summary>
/// Decodes a terminal's input to keystrokes. .NET has already decoded the keys that it knows. Other control sequences, such as those around pasted
/// text (bracketed paste: ESC [200~ text ESC [201~), arrive character by character. Unknown sequences are ignored. As in GNU Readline, after the
/// Escape key the decoder waits for another key, and treats the two as Alt with that key. The wait has no time limit, because on a slow network or
/// machine a limit would split sequences.
/// </summary>
/// <param name="terminal">The source of keys.</param>
/// <param name="maxTextLength">The maximum number of characters of a pasted text.</param>
internal sealed class KeyDecoder(ITerminal terminal, int maxTextLength)
{
    private const char Escape = '\e';
    private const string PasteEnd = "\e[201~";

    // The control sequences that keyboards send are shorter than this number of characters.
    private const int MaxSequenceLength = 32;

    private TerminalInput? _next;

    /// <summary>Whether the beginning of the next keystroke has already arrived.</summary>
    public bool HasInput => _next is not null || terminal.HasInput;

    /// <summary>Waits for the next keystroke. Characters that arrive together form one keystroke.</summary>
    public async ValueTask<Keystroke> ReadAsync(CancellationToken cancellationToken)
    {
        TerminalInput input = _next ?? await terminal.ReadAsync(cancellationToken).ConfigureAwait(false);
        _next = null;
        return input.Kind switch
        {
            TerminalInputKind.Resized => new Keystroke(EditCommand.Redraw),
            TerminalInputKind.Resumed => new Keystroke(EditCommand.RedrawAnew),
            TerminalInputKind.Ended => new Keystroke(EditCommand.EndInput),
            _ => await DecodeAsync(input.Key, cancellationToken).ConfigureAwait(false),
        };
    }

    private async ValueTask<Keystroke> DecodeAsync(ConsoleKeyInfo key, CancellationToken cancellationToken)
    {
        if (key.KeyChar == Escape)
        {
            TerminalInput next = await terminal.ReadAsync(cancellationToken).ConfigureAwait(false);
            if (next.Kind == TerminalInputKind.Key)
                return await DecodeMetaAsync(next.Key, cancellationToken).ConfigureAwait(false);
            _next = next;
            return new Keystroke(EditCommand.None);
        }

        if (HasAlt(key) && key.KeyChar != '\0')
            return await DecodeMetaAsync(key, cancellationToken).ConfigureAwait(false);
        EditCommand command = KeyBindings.Find(key);
        return command == EditCommand.Insert
            ? new Keystroke(command, await ReadTextAsync(key.KeyChar, cancellationToken).ConfigureAwait(false))
            : new Keystroke(command);
    }

    private async ValueTask<Keystroke> DecodeMetaAsync(ConsoleKeyInfo key, CancellationToken cancellationToken)
    {
        switch (key.KeyChar)
        {
            case '[':
                return await ReadSequenceAsync(cancellationToken).ConfigureAwait(false) == "200~"
                    ? await ReadPasteAsync(cancellationToken).ConfigureAwait(false)
                    : new Keystroke(EditCommand.None);
            case 'O':
                // This is a function key that .NET does not decode; it is ignored.
                _ = await terminal.ReadAsync(cancellationToken).ConfigureAwait(false);
                return new Keystroke(EditCommand.None);
            default:
                return new Keystroke(KeyBindings.FindMeta(key));
        }
    }

    private async ValueTask<string> ReadTextAsync(char first, CancellationToken cancellationToken)
    {
        var text = new StringBuilder().Append(first);
        while (text.Length < maxTextLength && (terminal.HasInput || char.IsHighSurrogate(text[^1])))
        {
            TerminalInput next = await terminal.ReadAsync(cancellationToken).ConfigureAwait(false);
            if (next.Kind != TerminalInputKind.Key || HasAlt(next.Key) || KeyBindings.Find(next.Key) != EditCommand.Insert)
            {
                _next = next;
                break;
            }

            text.Append(next.Key.KeyChar);
        }

        return PastedText.Clean(text.ToString());
    }

    // Reads the rest of a control sequence after ESC [: parameters, intermediate characters and a final character (ECMA-48, 5.4).
    private async ValueTask<string> ReadSequenceAsync(CancellationToken cancellationToken)
    {
        var sequence = new StringBuilder();
        while (sequence.Length < MaxSequenceLength)
        {
            TerminalInput input = await terminal.ReadAsync(cancellationToken).ConfigureAwait(false);
            if (input.Key.KeyChar is < ' ' or > '~')
            {
                _next = input;
                break;
            }

            sequence.Append(input.Key.KeyChar);
            if (input.Key.KeyChar >= '@')
                break;
        }

        return sequence.ToString();
    }

    private async ValueTask<Keystroke> ReadPasteAsync(CancellationToken cancellationToken)
    {
        var text = new StringBuilder();
        bool isTooLong = false;
        while (!EndsPaste(text))
        {
            TerminalInput input = await terminal.ReadAsync(cancellationToken).ConfigureAwait(false);
            if (input.Kind == TerminalInputKind.Ended)
                return new Keystroke(EditCommand.EndInput);
            if (input.Kind != TerminalInputKind.Key || input.Key.KeyChar == '\0')
                continue;
            if (HasAlt(input.Key))
                text.Append(Escape);
            text.Append(input.Key.KeyChar);
            if (text.Length > maxTextLength + PasteEnd.Length)
            {
                isTooLong = true;
                text.Remove(0, text.Length - PasteEnd.Length);
            }
        }

        return isTooLong ? new Keystroke(EditCommand.RefuseLongPaste) : new Keystroke(EditCommand.Insert, PastedText.Clean(text.ToString(0, text.Length - PasteEnd.Length)));
    }

    private static bool EndsPaste(StringBuilder text) =>
        text.Length >= PasteEnd.Length && text[^1] == PasteEnd[^1] && text.ToString(text.Length - PasteEnd.Length, PasteEnd.Length) == PasteEnd;

    private static bool HasAlt(ConsoleKeyInfo key) => (key.Modifiers & ConsoleModifiers.Alt) != 0;
}
