using System.Globalization;
using System.Text.Json;
using Llama2.Evaluation.Data.Reading;
using static System.FormattableString;

namespace Llama2.Evaluation.Data.Forms;

/// <summary>
/// PIQA (Bisk et al. 2019, arXiv 1911.11641) and Social IQa (Sap et al. 2019, arXiv 1904.09728): the questions are in one file, and the labels in another,
/// one per line.
/// </summary>
/// <param name="folder">The folder that the authors' archive has.</param>
/// <param name="validation">The names of the two files of the validation split, without their endings.</param>
/// <param name="texts">The fields of a question.</param>
/// <param name="isTextLabel">Whether the label is a text on the hub; otherwise it is a number.</param>
internal sealed class LabelledForm(string folder, string validation, string[] texts, bool isTextLabel) : IDatasetForm
{
    public IEnumerable<JsonElement>? Read(DatasetSearch search)
    {
        if (search.BySplit("train", validation, null) is not { } name || search.Find($"{name}.jsonl", $"{folder}/{name}.jsonl") is not { } path)
            return null;
        if (search.Find($"{name}-labels.lst", $"{folder}/{name}-labels.lst") is not { } labelsPath)
            return null;
        string[] labels = [.. TextFile.ReadLines(labelsPath, search.Options).Select(line => line.Line.Trim()).Where(line => line.Length > 0)];
        var fields = new FieldReader(path, search.Options);
        return fields.Convert(JsonLinesFile.Read(path, search.Options), (row, json) =>
        {
            foreach (string field in texts)
                json.WriteString(field, fields.Text(row, field));
            if (fields.RowNumber > labels.Length)
                throw fields.Fault(Invariant($"there is no label: '{labelsPath}' has {labels.Length:N0}; get both files from the same source"));
            string label = labels[fields.RowNumber - 1];
            if (isTextLabel)
                json.WriteString("label", label);
            else
                json.WriteNumber("label", int.TryParse(label, NumberStyles.None, CultureInfo.InvariantCulture, out int number) ? number : throw fields.Fault($"the label '{label}' in '{labelsPath}' is not a number"));
        });
    }
}
