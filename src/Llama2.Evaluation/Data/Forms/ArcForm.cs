using System.Text.Json;
using Llama2.Evaluation.Data.Reading;

namespace Llama2.Evaluation.Data.Forms;

/// <summary>ARC (Clark et al. 2018, arXiv 1803.05457): <c>ARC-Easy/ARC-Easy-Test.jsonl</c> and similar.</summary>
internal sealed class ArcForm : IDatasetForm
{
    public IEnumerable<JsonElement>? Read(DatasetSearch search)
    {
        if (search.Name is not { } name || search.BySplit("Train", "Dev", "Test") is not { } ending)
            return null;
        string file = $"{name}/{name}-{ending}.jsonl";
        if (search.Find(file, $"ARC-V1-Feb2018-2/{file}", $"ARC-V1-Feb2018/{file}", $"{name}-{ending}.jsonl") is not { } path)
            return null;
        var fields = new FieldReader(path, search.Options);
        return fields.Convert(JsonLinesFile.Read(path, search.Options), (row, json) =>
        {
            json.WriteString("id", fields.Text(row, "id"));
            json.WriteString("question", QuestionChoices.Stem(row, fields));
            QuestionChoices.Write(row, json, fields);
        });
    }
}
