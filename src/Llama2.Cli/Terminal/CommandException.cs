namespace Llama2.Cli.Terminal;

/// <summary>A command cannot go on, for a reason that its user can mend; the message is the whole explanation.</summary>
internal sealed class CommandException(string message, Exception? innerException = null) : Exception(message, innerException);
