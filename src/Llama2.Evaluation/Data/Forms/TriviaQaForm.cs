using System.Text.Json;
using Llama2.Evaluation.Data.Reading;

namespace Llama2.Evaluation.Data.Forms;

/// <summary>
/// TriviaQA (Joshi et al. 2017, arXiv 1705.03551), questions and answers without documents. The hub's <c>rc.nocontext</c> has the questions of
/// <c>qa/web-dev.json</c> and then those of <c>qa/wikipedia-dev.json</c>; <c>unfiltered.nocontext</c> has those of <c>unfiltered-web-dev.json</c>.
/// </summary>
internal sealed class TriviaQaForm : IDatasetForm
{
    private static readonly string[] s_both = ["web", "wikipedia"], s_folders = ["qa/", "", "triviaqa-rc/qa/", "triviaqa-unfiltered/"];

    public IEnumerable<JsonElement>? Read(DatasetSearch search)
    {
        string[]? sources = search.Name switch
        {
            "rc.nocontext" => s_both,
            "rc.web.nocontext" => ["web"],
            "rc.wikipedia.nocontext" => ["wikipedia"],
            "unfiltered.nocontext" => ["unfiltered-web"],
            _ => null,
        };
        if (sources is null || search.BySplit("train", "dev", "test-without-answers") is not { } split)
            return null;
        string?[] paths = [.. sources.Select(source => search.Find(s_folders.Select(folder => $"{folder}{source}-{split}.json")))];
        return paths.Contains(null) ? null : paths.SelectMany(path => Read(path!, search.Options));
    }

    private static IEnumerable<JsonElement> Read(string path, DataOptions options)
    {
        var fields = new FieldReader(path, options);
        return fields.Convert(JsonFile.Read(path, options), (row, json) =>
        {
            json.WriteString("question", fields.Text(row, "Question"));
            json.WriteString("question_id", fields.Text(row, "QuestionId"));
            json.WriteString("question_source", row.TryGetProperty("QuestionSource", out _) ? fields.Text(row, "QuestionSource") : "");
            json.WriteStartObject("answer");
            WriteAnswer(row, json, fields);
            json.WriteEndObject();
        });
    }

    // The test has no answers; the hub states the value <unk>.
    private static void WriteAnswer(JsonElement row, Utf8JsonWriter json, FieldReader fields)
    {
        bool isKnown = row.TryGetProperty("Answer", out JsonElement answer);
        string Text(string name, string otherwise) => isKnown && answer.ValueKind == JsonValueKind.Object && answer.TryGetProperty(name, out _) ? fields.Text(answer, name) : otherwise;
        FieldReader.WriteList(json, "aliases", isKnown ? fields.Items(answer, "Aliases").Select(fields.Text) : []);
        FieldReader.WriteList(json, "normalized_aliases", isKnown ? fields.Items(answer, "NormalizedAliases").Select(fields.Text) : []);
        json.WriteString("matched_wiki_entity_name", Text("MatchedWikiEntityName", ""));
        json.WriteString("normalized_matched_wiki_entity_name", Text("NormalizedMatchedWikiEntityName", ""));
        json.WriteString("normalized_value", Text("NormalizedValue", isKnown ? "" : "<unk>"));
        json.WriteString("type", Text("Type", ""));
        json.WriteString("value", isKnown ? fields.Text(answer, "Value") : "<unk>");
    }
}
