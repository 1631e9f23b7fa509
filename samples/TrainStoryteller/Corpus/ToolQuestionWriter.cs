namespace TrainStoryteller.Corpus;

/// <summary>Generates questions whose answers need tools.</summary>
/// <param name="random">The source of random choices; the same source gives the same questions.</param>
internal sealed class ToolQuestionWriter(Random random)
{
    private static readonly string[] s_weather =
    [
        "sunny", "rainy", "cloudy", "windy", "foggy", "snowy", "stormy", "clear", "warm", "cold", "hot", "cool", "icy", "dry", "humid", "mild", "grey", "misty", "wet",
        "bright",
    ];

    /// <summary>Writes a question.</summary>
    /// <param name="kind">Weather, Cities or Product.</param>
    public Question Write(QuestionKind kind) => kind switch
    {
        QuestionKind.Weather => AskWeather(),
        QuestionKind.Cities => AskCities(),
        _ => AskProduct(),
    };

    /// <summary>Writes a question whose tool is missing.</summary>
    /// <param name="lacksWeather">Whether the missing tool is the one for the weather; otherwise it is the one for products.</param>
    public Question WriteUnknown(bool lacksWeather)
    {
        if (lacksWeather)
        {
            string city = Cities.Pick(random);
            return new(QuestionKind.Unknown, AskWeather(city), [$"I do not know the weather in {city}."]);
        }

        int left = Factor(), right = Factor();
        return new(QuestionKind.Unknown, AskProduct(left, right), [$"{left} times {right} is too hard for me."]);
    }

    private Question AskWeather()
    {
        string city = Cities.Pick(random), weather = Weather();
        return new(QuestionKind.Weather, AskWeather(city), [Tell(city, weather)]) { Uses = [Tools.UseWeather(city, weather)] };
    }

    private Question AskCities()
    {
        string one = Cities.Pick(random), two, first = Weather(), second = Weather();
        do
        {
            two = Cities.Pick(random);
        }
        while (two == one);

        return new(
            QuestionKind.Cities, $"{random.Pick("What is", "How is")} the weather in {one} and {random.Pick("in ", "")}{two}?",
            [$"{Tell(one, first)} {Tell(two, second)}"])
        { Uses = [Tools.UseWeather(one, first), Tools.UseWeather(two, second)] };
    }

    private Question AskProduct()
    {
        int left = Factor(), right = Factor();
        return new(QuestionKind.Product, AskProduct(left, right), [$"{left} times {right} is {left * right}."]) { Uses = [Tools.UseProduct(left, right)] };
    }

    private string AskWeather(string city) => random.Pick(
        $"What is the weather in {city}?", $"How is the weather in {city}?", $"What is the weather like in {city}?", $"Tell me the weather in {city}.");

    private string AskProduct(int left, int right) => random.Pick($"What is {left} times {right}?", $"How much is {left} times {right}?", $"Multiply {left} by {right}.");

    private static string Tell(string city, string weather) => $"In {city} it is {weather}.";

    private string Weather() => random.Next(8) switch
    {
        0 => random.Pick(s_weather),
        1 => Degrees(),
        2 or 3 => $"{random.Pick(s_weather)} and {random.Pick(s_weather)}, {Degrees()}",
        _ => $"{random.Pick(s_weather)}, {Degrees()}",
    };

    private string Degrees() => $"{random.Next(-15, 39)} degrees";

    // A number of one to three digits: half of the numbers have two digits, a quarter have one, and a quarter have three.
    private int Factor() => random.Pick(random.Next(2, 10), random.Next(10, 100), random.Next(10, 100), random.Next(100, 1000));
}
