using System.Text.Json;
using Llama2.Evaluation.Data.Reading;

namespace Llama2.Evaluation.Data.Forms;

/// <summary>
/// TruthfulQA as its authors publish the questions: <c>TruthfulQA.csv</c>. It has no choices, so they are made from its answers: MC1 has the best answer
/// and the incorrect answers, MC2 the correct answers and the incorrect answers. These choices, and therefore the accuracies, can differ slightly from
/// the published ones. The choices are used only if <c>mc_task.json</c> and the files of the hub are absent.
/// </summary>
internal sealed class TruthfulQaCsvForm : IDatasetForm
{
    public IEnumerable<JsonElement>? Read(DatasetSearch search)
    {
        if (!search.IsValidation || search.Find("TruthfulQA.csv", "data/TruthfulQA.csv") is not { } path)
            return null;
        var fields = new FieldReader(path, search.Options);
        return fields.Convert(DelimitedFile.Read(path, search.Options), (row, json) =>
        {
            string best = fields.Text(row, "Best Answer").Trim();
            string[] correct = Split(fields.Text(row, "Correct Answers")), incorrect = Split(fields.Text(row, "Incorrect Answers"));
            json.WriteString("type", fields.Text(row, "Type"));
            json.WriteString("category", fields.Text(row, "Category"));
            json.WriteString("question", fields.Text(row, "Question"));
            json.WriteString("best_answer", best);
            FieldReader.WriteList(json, "correct_answers", correct);
            FieldReader.WriteList(json, "incorrect_answers", incorrect);
            json.WriteString("source", fields.Text(row, "Source"));
            TruthfulQaForm.WriteTargets(json, "mc1_targets", Targets([best], incorrect));
            TruthfulQaForm.WriteTargets(json, "mc2_targets", Targets([best, .. correct], incorrect));
        });
    }

    private static string[] Split(string answers) => answers.Split(';', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);

    // An answer that is listed twice is one choice.
    private static List<(string, int)> Targets(IEnumerable<string> correct, IEnumerable<string> incorrect) =>
        [.. correct.Select(answer => (answer, 1)).Concat(incorrect.Select(answer => (answer, 0))).DistinctBy(target => target.Item1)];
}
