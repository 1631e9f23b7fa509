using System.Text.Json;
using Llama2.Evaluation.Data.Reading;

namespace Llama2.Evaluation.Data.Forms;

/// <summary>
/// CommonsenseQA (Talmor et al. 2019, arXiv 1811.00937), random split: <c>dev_rand_split.jsonl</c> and similar; the test split has no answers.
/// </summary>
internal sealed class CommonsenseQaForm : IDatasetForm
{
    public IEnumerable<JsonElement>? Read(DatasetSearch search)
    {
        if (search.BySplit("train_rand_split.jsonl", "dev_rand_split.jsonl", "test_rand_split_no_answers.jsonl") is not { } name || search.Find(name, $"data/{name}") is not { } path)
            return null;
        var fields = new FieldReader(path, search.Options);
        return fields.Convert(JsonLinesFile.Read(path, search.Options), (row, json) =>
        {
            json.WriteString("id", fields.Text(row, "id"));
            json.WriteString("question", QuestionChoices.Stem(row, fields));
            json.WriteString("question_concept", fields.Text(fields.Member(row, "question", JsonValueKind.Object), "question_concept"));
            QuestionChoices.Write(row, json, fields);
        });
    }
}
