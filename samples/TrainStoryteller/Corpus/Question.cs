namespace TrainStoryteller.Corpus;

/// <summary>A question and what answers it.</summary>
/// <param name="Kind">What it is about.</param>
/// <param name="Text">The question.</param>
/// <param name="Answers">All answers that are right; of a story, none.</param>
/// <param name="Animal">Whom a story is to be about; otherwise null.</param>
internal sealed record Question(QuestionKind Kind, string Text, IReadOnlyList<string> Answers, string? Animal = null);
