namespace Llama2.Tokenization;

/// <summary>A range of characters of a text.</summary>
/// <param name="Start">The index of the first character, in UTF-16 characters.</param>
/// <param name="End">The index after the last character.</param>
internal readonly record struct TextRange(int Start, int End);
