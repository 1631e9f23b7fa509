using System.Text.Json;
using Llama2.Evaluation.Data.Reading;

namespace Llama2.Evaluation.Data.Forms;

/// <summary>
/// WinoGrande (Sakaguchi et al. 2019, arXiv 1907.10641): <c>train_xl.jsonl</c> and other sizes, <c>dev.jsonl</c>, <c>test.jsonl</c>, which has no
/// answers.
/// </summary>
internal sealed class WinoGrandeForm : IDatasetForm
{
    private const string Start = "winogrande_";
    private static readonly string[] s_texts = ["sentence", "option1", "option2"];

    public IEnumerable<JsonElement>? Read(DatasetSearch search)
    {
        if (search.Name?.StartsWith(Start, StringComparison.Ordinal) != true || search.BySplit($"train_{search.Name[Start.Length..]}", "dev", "test") is not { } name)
            return null;
        if (search.Find($"{name}.jsonl", $"winogrande_1.1/{name}.jsonl") is not { } path)
            return null;
        var fields = new FieldReader(path, search.Options);
        return fields.Convert(JsonLinesFile.Read(path, search.Options), (row, json) =>
        {
            foreach (string field in s_texts)
                json.WriteString(field, fields.Text(row, field));
            json.WriteString("answer", row.TryGetProperty("answer", out _) ? fields.Text(row, "answer") : "");
        });
    }
}
