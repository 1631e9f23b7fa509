namespace Llama2.Cli.Terminal;

/// <summary>The reader of standard output has closed it, as <c>head</c> does after its lines; the command ends silently, like Unix commands.</summary>
internal sealed class ClosedPipeException() : Exception("The reader has closed standard output.");
