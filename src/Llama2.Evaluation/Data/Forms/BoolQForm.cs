using System.Text.Json;
using Llama2.Evaluation.Data.Reading;

namespace Llama2.Evaluation.Data.Forms;

/// <summary>
/// BoolQ (Clark et al. 2019, arXiv 1905.10044), as its authors publish it (<c>dev.jsonl</c> with <c>answer</c> and <c>title</c>) and as SuperGLUE does
/// (<c>BoolQ/val.jsonl</c> with <c>label</c>). SuperGLUE's passages, which the hub has, begin with the title.
/// </summary>
internal sealed class BoolQForm : IDatasetForm
{
    public IEnumerable<JsonElement>? Read(DatasetSearch search)
    {
        if (search.Name is not (null or "boolq"))
            return null;
        string[] names = search.BySplit<string[]>(["train"], ["val", "dev"], ["test"]) ?? [];
        if (search.Find(names.SelectMany(name => (string[])[$"BoolQ/{name}.jsonl", $"boolq/{name}.jsonl", $"{name}.jsonl"])) is not { } path)
            return null;
        var fields = new FieldReader(path, search.Options);
        return fields.Convert(JsonLinesFile.Read(path, search.Options), (row, json) =>
        {
            json.WriteString("question", fields.Text(row, "question"));
            json.WriteString("passage", row.TryGetProperty("title", out _) ? $"{fields.Text(row, "title")} -- {fields.Text(row, "passage")}" : fields.Text(row, "passage"));
            json.WriteNumber("idx", row.TryGetProperty("idx", out _) ? fields.Integer(row, "idx") : fields.RowNumber - 1);
            json.WriteNumber("label", Label(row, fields));
        });
    }

    // The test of SuperGLUE has no labels; the hub states -1.
    private static int Label(JsonElement row, FieldReader fields) =>
        !row.TryGetProperty("answer", out JsonElement answer) && !row.TryGetProperty("label", out answer) ? -1 : answer.ValueKind switch
        {
            JsonValueKind.True => 1,
            JsonValueKind.False => 0,
            _ => throw fields.Fault("the answer is neither true nor false"),
        };
}
