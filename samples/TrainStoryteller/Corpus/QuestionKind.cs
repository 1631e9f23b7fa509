namespace TrainStoryteller.Corpus;

/// <summary>What a question is about.</summary>
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
