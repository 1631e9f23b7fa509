namespace Llama2.Cli.LineEditing;

/// <summary>A decoded key, or several keys of text that arrived together.</summary>
/// <param name="Command">The edit command.</param>
/// <param name="Text">The text to insert; it has no control characters except line feeds and tabs.</param>
internal readonly record struct Keystroke(EditCommand Command, string Text = "");
