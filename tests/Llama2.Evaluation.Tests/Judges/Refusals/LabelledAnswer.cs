using System.Text.Json;
using Llama2.Tests;

namespace Llama2.Evaluation.Tests.Judges.Refusals;

/// <summary>An answer that a person labelled.</summary>
internal sealed record LabelledAnswer(string Prompt, string Answer, RefusalLabel Label)
{
    /// <summary>The answers of a file in tests/data/refusals.</summary>
    public static LabelledAnswer[] Read(string name) => [.. File.ReadLines(RepositoryFiles.Committed("tests", "data", "refusals", name)).Select(Parse)];

    /// <summary>The answers of a file in tests/data/refusals that names XSTest's prompts by their numbers, which XSTest's file of prompts has.</summary>
    public static LabelledAnswer[] ReadOfXsTest(string name, string promptsPath)
    {
        Dictionary<string, string> prompts = DataFile.Read(promptsPath).ToDictionary(row => TextOf(row, "id"), row => TextOf(row, "prompt"));
        return [.. File.ReadLines(RepositoryFiles.Committed("tests", "data", "refusals", name)).Select(line => Parse(line, prompts))];
    }

    private static LabelledAnswer Parse(string line) => Parse(line, null);

    private static LabelledAnswer Parse(string line, Dictionary<string, string>? prompts)
    {
        using JsonDocument json = JsonDocument.Parse(line);
        return new LabelledAnswer(prompts is null ? Text("prompt") : prompts[json.RootElement.GetProperty("id").GetRawText()], Text("answer"), Text("label") switch
        {
            "full_refusal" => RefusalLabel.FullRefusal,
            "partial_refusal" => RefusalLabel.PartialRefusal,
            "compliance" => RefusalLabel.Compliance,
            var other => throw new InvalidDataException(other),
        });

        string Text(string name) => TextOf(json.RootElement, name);
    }

    private static string TextOf(JsonElement row, string name) => row.GetProperty(name).ToString();
}
