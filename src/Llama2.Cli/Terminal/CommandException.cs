namespace Llama2.Cli.Terminal;

/// <summary>A command cannot continue, for a reason that its user can fix; the message is the whole explanation.</summary>
internal sealed class CommandException(string message, Exception? innerException = null) : Exception(message, innerException);
