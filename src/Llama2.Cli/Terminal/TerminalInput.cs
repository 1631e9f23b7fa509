namespace Llama2.Cli.Terminal;

/// <summary>One thing that a terminal tells.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Key">The key, where it is one.</param>
internal readonly record struct TerminalInput(TerminalInputKind Kind, ConsoleKeyInfo Key = default);
