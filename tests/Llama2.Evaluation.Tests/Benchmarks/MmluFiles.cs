using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Llama2.Tests.Grammar.Schemas;

namespace Llama2.Evaluation.Tests.Benchmarks;

/// <summary>MMLU's files beside the repository.</summary>
internal static class MmluFiles
{
    public static IReadOnlyList<JsonElement> Read(string path, string? name, string split)
    {
        path.Should().Be("cais/mmlu");
        string text = File.ReadAllText(SharedDataFactAttribute.PathOf($"mmlu/{split}/{name}_{split}.csv"));
        return [.. Records(text).Skip(1).Select(ToDocument)];
    }

    private static JsonElement ToDocument(List<string> fields)
    {
        var document = new JsonObject { ["question"] = fields[0], ["choices"] = new JsonArray(fields[1], fields[2], fields[3], fields[4]), ["answer"] = int.Parse(fields[5], null) };
        return JsonSerializer.SerializeToElement(document);
    }

    private static IEnumerable<List<string>> Records(string text)
    {
        var field = new StringBuilder();
        List<string> fields = [];
        bool isQuoted = false;
        for (int i = 0; i < text.Length; i++)
        {
            char c = text[i];
            if (isQuoted && c == '"' && i + 1 < text.Length && text[i + 1] == '"')
                field.Append(text[++i]);
            else if (c == '"')
                isQuoted = !isQuoted;
            else if (!isQuoted && c is ',' or '\n' && !isQuoted)
            {
                fields.Add(field.ToString().TrimEnd('\r'));
                field.Clear();
                if (c == '\n')
                {
                    yield return fields;
                    fields = [];
                }
            }
            else
                field.Append(c);
        }
    }
}
