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

    /// <summary>A question about the weather of a city, which the model asks a tool for.</summary>
    Weather,

    /// <summary>A question about the weather of two cities, which takes two calls.</summary>
    Cities,

    /// <summary>A question for a product of two numbers, which a tool computes.</summary>
    Product,

    /// <summary>A question about the weather or for a product, if the tool that it needs is missing.</summary>
    Unknown,

    /// <summary>A request to write the facts of a story as JSON.</summary>
    Facts,
}
