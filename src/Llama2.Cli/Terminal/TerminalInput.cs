namespace Llama2.Cli.Terminal;

/// <summary>An input event of a terminal.</summary>
/// <param name="Kind">The kind of input.</param>
/// <param name="Key">The key, if the input is a key.</param>
internal readonly record struct TerminalInput(TerminalInputKind Kind, ConsoleKeyInfo Key = default);
