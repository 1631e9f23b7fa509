namespace Llama2.Evaluation.Judges.Toxicity;

/// <summary>A word of a text.</summary>
/// <param name="Text">The word in lower case, with disguised letters restored, and with no letter more than twice in a row.</param>
/// <param name="Shortened">If a letter was more than twice in a row, the word with no letter twice in a row; otherwise null.</param>
/// <param name="Position">The index of its first character in the text.</param>
/// <param name="Length">Its number of characters in the text.</param>
internal readonly record struct ToxicToken(string Text, string? Shortened, int Position, int Length);
