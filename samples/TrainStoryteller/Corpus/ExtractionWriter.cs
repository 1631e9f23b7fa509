using System.Text.Json;

namespace TrainStoryteller.Corpus;

/// <summary>Generates the task to find facts in the beginning of a story: a JSON Schema names them, and the answer is JSON.</summary>
/// <param name="random">The source of random choices; the same source gives the same tasks.</param>
internal sealed class ExtractionWriter(Random random)
{
    /// <summary>Writes a task; its instructions are those of <c>ChatOptions.ResponseFormat</c>.</summary>
    public Question Write()
    {
        Character hero = Character.Create(random, random.Pick(Words.Animals));
        string place = random.Pick(Words.Places).Name, color = random.Pick(Words.Colors), thing = random.Pick(Words.Things);
        string text = $"{random.Pick(StoryTemplates.Openings(hero))} {hero.Name} lived near the {place}. " + random.Pick(
            $"{Words.Capitalize(hero.She)} had {Words.WithArticle(color)} {thing}.", $"One day {hero.She} found {Words.WithArticle(color)} {thing}.",
            $"{hero.Name} loved {hero.HerOwn} {color} {thing}.");
        (string Name, string Value)[] facts = [("name", hero.Name), ("animal", hero.Kind.Split(' ')[1]), ("place", place), ("color", color), ("thing", thing)];
        random.Shuffle(facts);
        facts = facts[..random.Next(2, facts.Length + 1)];
        return new(QuestionKind.Facts, text, [$"{{{string.Join(", ", facts.Select(fact => $"\"{fact.Name}\": \"{fact.Value}\""))}}}"])
        {
            Schema = WriteSchema(facts.Select(fact => fact.Name)),
            Instructions = WriteInstructions(random.Pick("Hero", "Character", "Animal", "Story", "Facts"), WriteSchema(facts.Select(fact => fact.Name))),
        };
    }

    /// <summary>The sentence that Llama2.Extensions writes.</summary>
    public static string WriteInstructions(string name, string schema) => $"Answer only with JSON that fits this JSON Schema, '{name}': {schema}";

    /// <summary>The schema that Microsoft.Extensions.AI makes of a record with properties of text.</summary>
    public static string WriteSchema(IEnumerable<string> names) => JsonSerializer.Serialize(
        new { type = "object", properties = names.ToDictionary(name => name, _ => new { type = "string" }), required = names });
}
