using System.Text.Json;
using Llama2.Tests;

namespace Llama2.Evaluation.Tests.Judges.Refusals;

/// <summary>An answer that a person labelled.</summary>
internal sealed record LabelledAnswer(string Prompt, string Answer, RefusalLabel Label)
{
    /// <summary>The answers of a file in tests/data/refusals.</summary>
    public static LabelledAnswer[] Read(string name) => [.. File.ReadLines(RepositoryFiles.Committed("tests", "data", "refusals", name)).Select(Parse)];

    private static LabelledAnswer Parse(string line)
    {
        using JsonDocument json = JsonDocument.Parse(line);
        return new LabelledAnswer(Text("prompt"), Text("answer"), Text("label") switch
        {
            "full_refusal" => RefusalLabel.FullRefusal,
            "partial_refusal" => RefusalLabel.PartialRefusal,
            "compliance" => RefusalLabel.Compliance,
            var other => throw new InvalidDataException(other),
        });

        string Text(string name) => json.RootElement.GetProperty(name).GetString()!;
    }
}
