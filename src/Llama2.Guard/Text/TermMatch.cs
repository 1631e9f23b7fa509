namespace Llama2.Guard.Text;

/// <summary>A term that was found in a text.</summary>
/// <param name="Term">The index of the term.</param>
/// <param name="Start">The position of its first character in the searched text.</param>
/// <param name="Length">Its number of characters in the searched text.</param>
internal readonly record struct TermMatch(int Term, int Start, int Length);
