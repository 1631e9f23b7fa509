using System.Text.Json;
using Llama2.Grammar.Characters;
using Llama2.Grammar.Regexes;
using Llama2.Tests.Grammar.Regexes;

namespace Llama2.Tests.Grammar.Patterns;

/// <summary>The patterns of MaskBench's schemas, and texts to test them with.</summary>
internal static class SchemaPatterns
{
    public static SortedSet<string> Load()
    {
        var patterns = new SortedSet<string>(StringComparer.Ordinal);
        foreach (string line in File.ReadLines(Path.Combine(RepositoryFiles.Shared, "data", "maskbench", "dev.jsonl")))
        {
            using JsonDocument document = JsonDocument.Parse(line, new JsonDocumentOptions { MaxDepth = 1_000 });
            Collect(document.RootElement.GetProperty("schema"), patterns);
        }

        return patterns;
    }

    /// <summary>Texts of printable ASCII that a pattern matches; each is followed by a copy with one change.</summary>
    public static IEnumerable<string> Texts(JsonStringText encoding, RegexNode node, Random random)
    {
        var classes = new ByteClasses(encoding.Factory.ByteSets);
        for (int i = 0; i < 25; i++)
        {
            byte[]? bytes = encoding.Factory.Walk(node, classes, random, random.Next(0, 400), value => value is >= 0x20 and < 0x7F and not (byte)'\\');
            if (bytes is null)
                yield break;
            string text = JsonSerializer.Deserialize<string>($"\"{System.Text.Encoding.UTF8.GetString(bytes)}\"")!;
            if (text.Any(character => character is < ' ' or > '~'))
                continue;
            yield return text;
            char other = (char)random.Next(0x20, 0x7F);
            int index = random.Next(0, text.Length + 1);
            yield return text.Insert(index, other.ToString());
            if (text.Length > 0)
            {
                yield return text.Remove(random.Next(text.Length), 1);
                int replaced = random.Next(text.Length);
                yield return text.Remove(replaced, 1).Insert(replaced, other.ToString());
            }
        }
    }

    private static void Collect(JsonElement element, SortedSet<string> patterns)
    {
        if (element.ValueKind == JsonValueKind.Array)
        {
            foreach (JsonElement item in element.EnumerateArray())
                Collect(item, patterns);
        }

        if (element.ValueKind != JsonValueKind.Object)
            return;
        foreach (JsonProperty property in element.EnumerateObject())
        {
            if (property.Name == "pattern" && property.Value.ValueKind == JsonValueKind.String)
                patterns.Add(property.Value.GetString()!);
            if (property.Name == "patternProperties" && property.Value.ValueKind == JsonValueKind.Object)
                patterns.UnionWith(property.Value.EnumerateObject().Select(entry => entry.Name));
            Collect(property.Value, patterns);
        }
    }
}
