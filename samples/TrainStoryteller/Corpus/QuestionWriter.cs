using static TrainStoryteller.Corpus.Words;

namespace TrainStoryteller.Corpus;

/// <summary>Generates questions that the model should be able to answer; three of ten ask for a story.</summary>
/// <param name="random">The source of random choices; the same source gives the same questions.</param>
internal sealed class QuestionWriter(Random random)
{
    private static readonly string[] s_greetings =
        ["Hello! I am a tiny llama. Ask me for a story.", "Hi! I am a very small model, but I love stories.", "Hello! How can I help you today?"];

    private static readonly string[] s_thanks = ["You are welcome!", "I am glad you like it.", "Any time!"];

    public Question Write() => Write((QuestionKind)Math.Min(random.Next(10), (int)QuestionKind.Story));

    public Question Write(QuestionKind kind) => kind switch
    {
        QuestionKind.Color => AskColor(),
        QuestionKind.Sound => AskSound(),
        QuestionKind.Home => AskHome(),
        QuestionKind.Sum => AskSum(),
        QuestionKind.Count => AskCount(),
        QuestionKind.Greeting => new(kind, random.Pick("Hello!", "Hi!", "Hello, who are you?", "Hi, how are you?", "Good morning!"), s_greetings),
        QuestionKind.Thanks => new(kind, random.Pick("Thank you!", "Thanks a lot!", "That was nice."), s_thanks),
        _ => AskStory(),
    };

    private Question AskColor()
    {
        (string thing, string color) = random.Pick(Facts.Colors);
        return new(QuestionKind.Color, random.Pick($"What color is the {thing}?", $"Tell me the color of the {thing}."), [$"The {thing} is {color}."]);
    }

    private Question AskSound()
    {
        (string animal, string sound) = random.Pick(Facts.Sounds);
        return new(
            QuestionKind.Sound, random.Pick($"What does the {animal} say?", $"What sound does {WithArticle(animal)} make?"), [$"The {animal} says {sound}."]);
    }

    private Question AskHome()
    {
        (string animal, string home) = random.Pick(Facts.Homes);
        return new(
            QuestionKind.Home, random.Pick($"Where does {WithArticle(animal)} live?", $"Where is the home of {WithArticle(animal)}?"),
            [$"{Capitalize(WithArticle(animal))} lives in {home}."]);
    }

    private Question AskSum()
    {
        int left = random.Next(10), right = random.Next(10);
        return new(
            QuestionKind.Sum, random.Pick($"What is {left} plus {right}?", $"How much is {left} and {right}?"), [$"{left} plus {right} is {left + right}."]);
    }

    private Question AskCount()
    {
        int last = random.Next(3, 11);
        return new(QuestionKind.Count, $"Count to {Numbers[last - 1]}.", [string.Join(", ", Numbers[..last]) + "."]);
    }

    private Question AskStory()
    {
        string animal = random.Pick(Animals);
        return new(
            QuestionKind.Story,
            random.Pick(
                $"Tell me a story about {WithArticle(animal)}.", $"Write a story about {WithArticle(animal)}.", $"Can you tell a story with {WithArticle(animal)}?",
                $"I want a story about {WithArticle(animal)}."),
            [], animal);
    }
}
