namespace Llama2.Cli.LineEditing;

/// <summary>A key or several, understood.</summary>
/// <param name="Command">What to do.</param>
/// <param name="Text">What to insert: no control characters but line feeds and tabs.</param>
internal readonly record struct Keystroke(EditCommand Command, string Text = "");
