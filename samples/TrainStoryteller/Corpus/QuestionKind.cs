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

    /// <summary>The weather of a city, which a tool knows.</summary>
    Weather,

    /// <summary>The weather of two cities, which takes two calls.</summary>
    Cities,

    /// <summary>A product, which a tool computes.</summary>
    Product,

    /// <summary>The weather or a product without the tool that it needs.</summary>
    Unknown,

    /// <summary>Facts of a story as JSON.</summary>
    Facts,
}
