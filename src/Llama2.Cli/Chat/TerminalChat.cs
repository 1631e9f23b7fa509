using Llama2.Cli.Input;
using Llama2.Cli.LineEditing;
using Llama2.Cli.Output;
using Llama2.Cli.Terminal;

namespace Llama2.Cli.Chat;

/// <summary>
/// A conversation with a user at a terminal. The terminal shows a prompt for each message, and the user may stop an answer. Errors are reported and
/// do not end the conversation.
/// </summary>
/// <param name="conversation">The conversation.</param>
/// <param name="host">The terminal.</param>
internal sealed class TerminalChat(ChatConversation conversation, ConsoleHost host)
{
    private const string Prompt = "> ";

    // Whether the user has been told that another Ctrl+C ends the program. If there is neither an answer to stop nor a text to discard, the first
    // Ctrl+C only shows this message, because the user may have meant to stop an answer that has just ended.
    private bool _isWarned;

    /// <summary>Runs until the input ends or the user ends the conversation.</summary>
    /// <exception cref="OperationCanceledException">The user ended the conversation with Ctrl+C.</exception>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        using LineEditor? editor = host.Terminal is null ? null : new LineEditor(host.Terminal, Prompt, PromptFormat.MaxTextLength);
        var lines = new LineReader(host.Input, ChatConversation.MaxLineByteSize);
        var directives = new ChatDirectives(conversation, host.Error);
        string? text = "";
        while (text is not null && !directives.IsExit)
        {
            try
            {
                text = editor is null ? await ReadLineAsync(lines, cancellationToken).ConfigureAwait(false) : await EditAsync(editor, cancellationToken).ConfigureAwait(false);
                if (text is not null)
                    await TakeAsync(text, directives, cancellationToken).ConfigureAwait(false);
            }
            catch (Exception exception) when (ErrorSentence.Explains(exception))
            {
                await host.Error.WriteLineAsync($"llama2: {PrintableText.SingleLine(ErrorSentence.Of(exception))}").ConfigureAwait(false);
            }
        }
    }

    // Reads a line without the line editor. This method is used on terminals that edit lines themselves and on terminals on which lines cannot be
    // edited.
    private async Task<string?> ReadLineAsync(LineReader lines, CancellationToken cancellationToken)
    {
        await host.Error.WriteAsync(Prompt).ConfigureAwait(false);
        string? line = await lines.ReadTextAsync(cancellationToken).ConfigureAwait(false);
        if (line is null)
            await host.Error.WriteLineAsync().ConfigureAwait(false);
        return line;
    }

    private async Task<string?> EditAsync(LineEditor editor, CancellationToken cancellationToken)
    {
        string? text = null;
        bool isWhole = await host.Interruption.RunAsync(async token => text = await editor.ReadAsync(token).ConfigureAwait(false), cancellationToken).ConfigureAwait(false);
        bool isEmpty = !isWhole && editor.IsEmpty;
        if (isEmpty && _isWarned)
            throw new OperationCanceledException("Ctrl+C, after a message has told the user what it does.");
        _isWarned = isEmpty;
        if (isEmpty)
            await host.Error.WriteLineAsync("llama2: Ctrl+C once more ends the program, as Ctrl+D does.").ConfigureAwait(false);
        return isWhole ? text : "";
    }

    private async Task TakeAsync(string text, ChatDirectives directives, CancellationToken cancellationToken)
    {
        if (await host.Interruption.RunAsync(token => directives.TakeAsync(text, token), cancellationToken).ConfigureAwait(false))
            return;
        _isWarned = true;
        string state = conversation.TryKeepPartialAnswer() ? "the written part of the answer is kept" : "the conversation is unchanged";
        await host.Error.WriteLineAsync($"llama2: Interrupted; {state}. Ctrl+C once more ends the program.").ConfigureAwait(false);
    }
}
