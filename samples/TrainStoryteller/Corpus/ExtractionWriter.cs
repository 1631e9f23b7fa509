using System.Text.Json;

namespace TrainStoryteller.Corpus;

/// <summary>Generates tasks that ask for facts from the beginning of a story: a JSON Schema names the facts, and the answer is JSON.</summary>
/// <param name="random">The source of random choices; the same source gives the same tasks.</param>
internal sealed class ExtractionWriter(Random random)
{
    private static readonly string[] s_names = ["name", "animal", "place", "color", "thing"];

    /// <summary>Writes tasks with one schema; their instructions are those of <c>ChatOptions.ResponseFormat</c>.</summary>
    /// <param name="count">How many tasks.</param>
    public Question[] Write(int count)
    {
        // The chosen names keep their order, because the properties of a type always have the same order.
        string[] names = [.. s_names];
        random.Shuffle(names);
        names = [.. s_names.Intersect(names[..random.Next(2, 5)])];
        string schema = WriteSchema(names), instructions = WriteInstructions(random.Pick("Hero", "Character", "Animal", "Story", "Facts"), schema);
        return [.. Enumerable.Range(0, count).Select(_ => Write(names) with { Schema = schema, Instructions = instructions })];
    }

    private Question Write(string[] names)
    {
        Character hero = Character.Create(random, random.Pick(Words.Animals));
        string place = random.Pick(Words.Places).Name, color = random.Pick(Words.Colors), thing = random.Pick(Words.Things);
        string text = $"{random.Pick(StoryTemplates.Openings(hero))} {hero.Name} lived near the {place}. " + random.Pick(
            $"{Words.Capitalize(hero.She)} had {Words.WithArticle(color)} {thing}.", $"One day {hero.She} found {Words.WithArticle(color)} {thing}.",
            $"{hero.Name} loved {hero.HerOwn} {color} {thing}.");
        string[] values = [hero.Name, hero.Kind.Split(' ')[1], place, color, thing];
        IEnumerable<string> facts = s_names.Zip(values).Where(fact => names.Contains(fact.First)).Select(fact => $"\"{fact.First}\": \"{fact.Second}\"");
        return new(QuestionKind.Facts, text, [$"{{{string.Join(", ", facts)}}}"]);
    }

    /// <summary>The sentence that Llama2.Extensions writes.</summary>
    public static string WriteInstructions(string name, string schema) => $"Answer only with JSON that fits this JSON Schema, '{name}': {schema}";

    /// <summary>The schema that Microsoft.Extensions.AI derives from a record whose properties are strings.</summary>
    public static string WriteSchema(IEnumerable<string> names) => JsonSerializer.Serialize(
        new { type = "object", properties = names.ToDictionary(name => name, _ => new { type = "string" }), required = names });
}
