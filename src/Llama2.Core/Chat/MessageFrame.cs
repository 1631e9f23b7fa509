namespace Llama2.Chat;

/// <summary>What a format puts around a message of a role.</summary>
/// <param name="Before">Scaffolding before the text.</param>
/// <param name="After">Scaffolding after it, and after the end-of-sequence token if there is one.</param>
/// <param name="EndsSequence">Whether the end-of-sequence token follows the text.</param>
internal readonly record struct MessageFrame(string Before, string After, bool EndsSequence = false);
