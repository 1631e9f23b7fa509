namespace Llama2.Chat;

/// <summary>The scaffolding (the format's own text) that a format puts around a message of a role.</summary>
/// <param name="Before">The scaffolding before the text.</param>
/// <param name="After">The scaffolding after the text, and after the end-of-sequence token if there is one.</param>
/// <param name="EndsSequence">Whether the end-of-sequence token follows the text.</param>
internal readonly record struct MessageFrame(string Before, string After, bool EndsSequence = false);
