using System.Text.Json;
using Llama2.Evaluation.Data.Reading;

namespace Llama2.Evaluation.Data.Forms;

/// <summary>
/// SQuAD (Rajpurkar et al. 2016, arXiv 1606.05250; 2018, arXiv 1806.03822): <c>dev-v2.0.json</c> and similar, articles with paragraphs with questions. A
/// question without an answer has empty lists.
/// </summary>
/// <param name="version">The version in the names of the files: <c>1.1</c> or <c>2.0</c>.</param>
internal sealed class SquadForm(string version) : IDatasetForm
{
    public IEnumerable<JsonElement>? Read(DatasetSearch search)
    {
        if (search.BySplit("train", "dev", null) is not { } split || search.Find($"{split}-v{version}.json", $"data/{split}-v{version}.json") is not { } path)
            return null;
        var fields = new FieldReader(path, search.Options);
        return fields.ConvertMany(JsonFile.Read(path, search.Options), article => Questions(article, fields));
    }

    private static IEnumerable<Action<Utf8JsonWriter>> Questions(JsonElement article, FieldReader fields) =>
        from paragraph in fields.Items(article, "paragraphs")
        from question in fields.Items(paragraph, "qas")
        select (Action<Utf8JsonWriter>)(json =>
        {
            json.WriteString("id", fields.Text(question, "id"));
            json.WriteString("title", fields.Text(article, "title"));
            json.WriteString("context", fields.Text(paragraph, "context"));
            json.WriteString("question", fields.Text(question, "question"));
            JsonElement[] answers = fields.Items(question, "answers");
            json.WriteStartObject("answers");
            FieldReader.WriteList(json, "text", answers.Select(answer => fields.Text(answer, "text")));
            json.WriteStartArray("answer_start");
            foreach (JsonElement answer in answers)
                json.WriteNumberValue(fields.Integer(answer, "answer_start"));
            json.WriteEndArray();
            json.WriteEndObject();
        });
}
