using System.Text.Json;
using Llama2;

namespace TrainStoryteller.Corpus;

/// <summary>
/// The two tools of the corpus. Their schemas are those that Microsoft.Extensions.AI derives from C# methods. Their descriptions vary, because developers
/// describe tools differently.
/// </summary>
/// <param name="random">The source of random choices.</param>
internal sealed class Tools(Random random)
{
    public const string WeatherName = "get_weather", ProductName = "multiply";

    /// <summary>Returns the tools to announce, in random order.</summary>
    /// <param name="hasWeather">Whether the tool for the weather of a city is among them.</param>
    /// <param name="hasProduct">Whether the tool that multiplies numbers is among them.</param>
    public LlamaTool[] Create(bool hasWeather, bool hasProduct)
    {
        LlamaTool[] tools = [.. hasWeather ? [CreateWeather()] : (LlamaTool[])[], .. hasProduct ? [CreateProduct()] : (LlamaTool[])[]];
        random.Shuffle(tools);
        return tools;
    }

    public static ToolUse UseWeather(string city, string weather) => Use(WeatherName, new { city }, weather);

    public static ToolUse UseProduct(int left, int right) => Use(ProductName, new { left, right }, $"{left * right}");

    private static ToolUse Use(string name, object arguments, string result) => new(new LlamaToolCall(name, JsonSerializer.SerializeToElement(arguments)), result);

    private LlamaTool CreateWeather() => Create(
        WeatherName, Describe(["the weather", "the current weather", "the weather now"], [" in a city", " of a city", " for a city", ""]), "string",
        ("city", random.Pick("The city", "The city's name", "The name of the city")));

    private LlamaTool CreateProduct() => Create(
        ProductName, Describe(["the product of two numbers", "the product", "two numbers multiplied"], [""]), "integer",
        ("left", random.Pick("The first number", "A number")),
        ("right", random.Pick("The second number", "Another number")));

    private string Describe(ReadOnlySpan<string> things, ReadOnlySpan<string> ends)
    {
        string description = random.Pick("", "Gets ", "Returns ", "Tells ", "Computes ") + random.Pick(things) + random.Pick(ends);
        return random.Next(8) == 0 ? "" : Words.Capitalize(description) + random.Pick("", "", ".");
    }

    private LlamaTool Create(string name, string description, string type, params ReadOnlySpan<(string Name, string Description)> parameters)
    {
        bool describes = random.Next(3) == 0;
        var properties = new Dictionary<string, object>();
        foreach ((string parameter, string text) in parameters)
            properties.Add(parameter, describes ? new { description = text, type } : new { type });
        return new LlamaTool(name, description, JsonSerializer.SerializeToElement(new { type = "object", properties, required = properties.Keys }));
    }
}
