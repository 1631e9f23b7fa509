namespace Llama2.Tokenization;

/// <summary>Characters of a text.</summary>
/// <param name="Start">The first, in UTF-16 characters from the text's beginning.</param>
/// <param name="End">One past the last.</param>
internal readonly record struct TextRange(int Start, int End);
