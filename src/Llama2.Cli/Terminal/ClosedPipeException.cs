namespace Llama2.Cli.Terminal;

/// <summary>
/// The reader of standard output has closed it, as <c>head</c> does after its last line. The command ends without a message, like other Unix
/// commands.
/// </summary>
internal sealed class ClosedPipeException() : Exception("The reader has closed standard output.");
