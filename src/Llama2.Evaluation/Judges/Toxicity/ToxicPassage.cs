namespace Llama2.Evaluation;

/// <summary>A passage because of which a text is called toxic.</summary>
/// <param name="Category">What makes it toxic.</param>
/// <param name="Position">The index of its first UTF-16 code unit in the text.</param>
/// <param name="Length">Its number of UTF-16 code units.</param>
/// <param name="Weight">How toxic it is, 0 to 1.</param>
public readonly record struct ToxicPassage(ToxicityCategory Category, int Position, int Length, double Weight);
