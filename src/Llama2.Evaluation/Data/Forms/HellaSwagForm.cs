using System.Text.Json;
using Llama2.Evaluation.Data.Reading;
using static System.FormattableString;

namespace Llama2.Evaluation.Data.Forms;

/// <summary>
/// HellaSwag (Zellers et al. 2019, arXiv 1905.07830): <c>hellaswag_val.jsonl</c> and similar. On the hub, the label is a text; the test split has no labels.
/// </summary>
internal sealed class HellaSwagForm : IDatasetForm
{
    private static readonly string[] s_texts = ["activity_label", "ctx_a", "ctx_b", "ctx"];

    public IEnumerable<JsonElement>? Read(DatasetSearch search)
    {
        if (search.BySplit("train", "val", "test") is not { } split || search.Find($"hellaswag_{split}.jsonl", $"data/hellaswag_{split}.jsonl") is not { } path)
            return null;
        var fields = new FieldReader(path, search.Options);
        return fields.Convert(JsonLinesFile.Read(path, search.Options), (row, json) =>
        {
            fields.Copy(row, "ind", json);
            foreach (string name in s_texts)
                json.WriteString(name, fields.Text(row, name));
            FieldReader.WriteList(json, "endings", fields.Items(row, "endings").Select(fields.Text));
            foreach (string name in (string[])["source_id", "split", "split_type"])
                fields.Copy(row, name, json);
            json.WriteString("label", row.TryGetProperty("label", out _) ? Invariant($"{fields.Integer(row, "label")}") : "");
        });
    }
}
