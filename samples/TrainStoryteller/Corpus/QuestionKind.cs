namespace TrainStoryteller.Corpus;

/// <summary>The kind of a question.</summary>
internal enum QuestionKind
{
    Color,
    Sound,
    Home,
    Sum,
    Count,
    Greeting,
    Thanks,
    Story,
}
