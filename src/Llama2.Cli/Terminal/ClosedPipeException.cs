namespace Llama2.Cli.Terminal;

/// <summary>The reader of standard output is gone, as <c>head</c> is after its lines; the command ends without a word, as those of Unix do.</summary>
internal sealed class ClosedPipeException() : Exception("Nobody reads standard output any more.");
