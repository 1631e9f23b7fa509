using Llama2.Cli.Output;
using Llama2.Cli.Terminal;

namespace Llama2.Cli.Chat;

/// <summary>The commands within <c>llama2 chat</c>: lines that begin with a slash, which are addressed to the program instead of the model.</summary>
internal sealed class ChatDirectives
{
    private readonly ChatConversation _conversation;
    private readonly TextWriter _output;
    private readonly Directive[] _directives;

    /// <param name="conversation">The conversation to which the commands apply.</param>
    /// <param name="output">Receives the text of /help.</param>
    public ChatDirectives(ChatConversation conversation, TextWriter output)
    {
        _conversation = conversation;
        _output = output;
        _directives =
        [
            new("/system", "[TEXT]", "Sets the system message; without TEXT there is none.", (text, _) => Do(() => conversation.SetSystemMessage(text))),
            new("/save", "FILE", "Writes the conversation to a file.", conversation.SaveAsync),
            new("/load", "FILE", "Continues a saved conversation.", conversation.LoadAsync),
            new("/retry", "", "Answers the last message again.", (_, cancellationToken) => conversation.RetryAsync(cancellationToken)),
            new("/stats", "", "Shows the last answer's token counts and speed, and how full the context is.", (_, _) => Do(conversation.ReportStatistics)),
            new("/reset", "", "Starts a new conversation; the system message is kept.", (_, _) => Do(conversation.Reset)),
            new("/clear", "", "The same as /reset.", (_, _) => Do(conversation.Reset)),
            new("/help", "", "Lists these commands.", (_, _) => Do(Help)),
            new("/exit", "", "Ends the program, like the end of input.", (_, _) => Do(() => IsExit = true)),
            new("/quit", "", "The same as /exit.", (_, _) => Do(() => IsExit = true)),
        ];
    }

    /// <summary>Whether the user has ended the conversation.</summary>
    public bool IsExit { get; private set; }

    /// <summary>
    /// Executes a text that begins with a slash, and lets the model answer any other text; a blank text is ignored. To send a message that begins
    /// with a slash, the user types a space before it.
    /// </summary>
    /// <exception cref="CommandException">There is no command with this name, or its arguments are wrong.</exception>
    public Task TakeAsync(string text, CancellationToken cancellationToken) =>
        string.IsNullOrWhiteSpace(text) ? Task.CompletedTask
        : text.StartsWith('/') ? RunAsync(text, cancellationToken)
        : _conversation.SayAsync(text, cancellationToken);

    private Task RunAsync(string line, CancellationToken cancellationToken)
    {
        string[] parts = line.Split([' ', '\n'], 2, StringSplitOptions.TrimEntries);
        string argument = parts.Length == 1 ? "" : parts[1];
        Directive directive = Array.Find(_directives, directive => directive.Name == parts[0])
            ?? throw new CommandException($"There is no command '{PrintableText.Shorten(parts[0], 40)}': {(Suggestion.Find(parts[0], _directives.Select(known => known.Name)) is { } meant ? $"did you mean {meant}? " : "")}/help lists them. A message that begins with a slash needs a space before it.");
        if (directive.Argument == "FILE" && argument.Length == 0)
            throw new CommandException($"{directive.Name} needs the name of a file.");
        if (directive.Argument.Length == 0 && argument.Length > 0)
            throw new CommandException($"{directive.Name} takes no argument, but '{PrintableText.Shorten(argument, 40)}' was given.");
        return directive.RunAsync(argument, cancellationToken);
    }

    private static Task Do(Action action)
    {
        action();
        return Task.CompletedTask;
    }

    private void Help()
    {
        foreach (Directive directive in _directives)
        {
            _output.WriteLine($"  {directive.Name + " " + directive.Argument,-15} {directive.Description}");
        }
    }

    private sealed record Directive(string Name, string Argument, string Description, Func<string, CancellationToken, Task> RunAsync);
}
