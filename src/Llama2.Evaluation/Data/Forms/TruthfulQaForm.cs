using System.Text.Json;
using Llama2.Evaluation.Data.Reading;

namespace Llama2.Evaluation.Data.Forms;

/// <summary>
/// TruthfulQA (Lin et al. 2021, arXiv 2109.07958) as its authors publish the choices: <c>mc_task.json</c>, where each question has
/// <c>mc1_targets</c> and <c>mc2_targets</c>, which map answers to 1 or 0.
/// </summary>
internal sealed class TruthfulQaForm : IDatasetForm
{
    public IEnumerable<JsonElement>? Read(DatasetSearch search)
    {
        if (!search.IsValidation || search.Name == "generation" || search.Find("mc_task.json", "data/mc_task.json") is not { } path)
            return null;
        var fields = new FieldReader(path, search.Options);
        return fields.Convert(JsonFile.Read(path, search.Options), (row, json) =>
        {
            json.WriteString("question", fields.Text(row, "question"));
            foreach (string name in (string[])["mc1_targets", "mc2_targets"])
            {
                JsonProperty[] targets = [.. fields.Member(row, name, JsonValueKind.Object).EnumerateObject()];
                WriteTargets(json, name, [.. targets.Select(target => (target.Name, (int)fields.Integer(fields.Member(row, name, JsonValueKind.Object), target.Name)))]);
            }
        });
    }

    /// <summary>Writes choices and their labels, which are 1 for true answers and 0 for others.</summary>
    public static void WriteTargets(Utf8JsonWriter json, string name, IReadOnlyCollection<(string Choice, int Label)> targets)
    {
        json.WriteStartObject(name);
        FieldReader.WriteList(json, "choices", targets.Select(target => target.Choice));
        json.WriteStartArray("labels");
        foreach ((_, int label) in targets)
            json.WriteNumberValue(label);
        json.WriteEndArray();
        json.WriteEndObject();
    }
}
