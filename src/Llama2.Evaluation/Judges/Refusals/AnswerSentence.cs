namespace Llama2.Evaluation.Judges.Refusals;

/// <summary>A sentence of an answer, or a line of code in it.</summary>
/// <param name="Position">The index of its first character in the answer.</param>
/// <param name="Text">The sentence as <see cref="RefusalCues"/> reads it: lower case, no Markdown, straight apostrophes, single spaces, quotations empty.</param>
/// <param name="Kind">Where it stands.</param>
/// <param name="Cues">What it expresses; none for code.</param>
internal readonly record struct AnswerSentence(int Position, string Text, AnswerSentenceKind Kind, RefusalCue Cues);
