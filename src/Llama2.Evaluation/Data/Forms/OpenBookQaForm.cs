using System.Text.Json;
using Llama2.Evaluation.Data.Reading;

namespace Llama2.Evaluation.Data.Forms;

/// <summary>OpenBookQA (Mihaylov et al. 2018, arXiv 1809.02789): <c>Data/Main/test.jsonl</c>, and <c>Data/Additional/test_complete.jsonl</c>, which has the fact.</summary>
internal sealed class OpenBookQaForm : IDatasetForm
{
    public IEnumerable<JsonElement>? Read(DatasetSearch search)
    {
        if (search.Name is not (null or "main" or "additional") || search.BySplit("train", "dev", "test") is not { } split)
            return null;
        bool isAdditional = search.Name == "additional";
        string file = isAdditional ? $"Data/Additional/{split}_complete.jsonl" : $"Data/Main/{split}.jsonl";
        if (search.Find(file, $"OpenBookQA-V1-Sep2018/{file}") is not { } path)
            return null;
        var fields = new FieldReader(path, search.Options);
        return fields.Convert(JsonLinesFile.Read(path, search.Options), (row, json) =>
        {
            json.WriteString("id", fields.Text(row, "id"));
            json.WriteString("question_stem", QuestionChoices.Stem(row, fields));
            QuestionChoices.Write(row, json, fields);
            if (isAdditional)
                fields.Copy(row, "fact1", json);
        });
    }
}
