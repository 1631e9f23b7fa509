namespace Llama2.Cli.Terminal;

/// <summary>A command cannot continue because of something that its user can correct. The message is the whole explanation; no stack trace is needed.</summary>
internal sealed class CommandException(string message, Exception? innerException = null) : Exception(message, innerException);
