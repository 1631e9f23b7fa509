using System.Text.Json;
using Llama2.Evaluation.Data.Input;
using Llama2.Evaluation.Data.Reading;

namespace Llama2.Evaluation.Data.Forms;

/// <summary>
/// The demonstrations of ToxiGen (Hartvigsen et al. 2022, arXiv 2203.09509), which are not on the hub: a folder per attribute, and in it
/// <c>hate_asian_sentences.txt</c>, <c>neutral_asian_sentences.txt</c> and similar, one statement per line. A row has the statement (<c>text</c>), the
/// group (<c>target_group</c>), the attribute (<c>attribute</c>), and 1 for a hateful and 0 for a neutral statement (<c>prompt_label</c>).
/// </summary>
internal sealed class ToxiGenDemonstrationForm : IDatasetForm
{
    private const string Ending = "_sentences";

    public IEnumerable<JsonElement>? Read(DatasetSearch search)
    {
        string folder = Path.Combine(search.Folder, "demonstrations");
        if (search.Name is not (null or "demonstrations") || search.Split != "train")
            return null;
        if (Directory.Exists(folder))
        {
            string[] files = [.. Directory.GetDirectories(folder).SelectMany(attribute => Directory.GetFiles(attribute, "*.txt"))];
            Array.Sort(files, StringComparer.Ordinal);
            if (files.Length > 0)
                return files.SelectMany(file => Read(file, search.Options));
        }

        search.Places.Add(folder);
        return null;
    }

    private static IEnumerable<JsonElement> Read(string path, DataOptions options)
    {
        string[] parts = Path.GetFileNameWithoutExtension(path).Split('_', 2);
        if (parts is not ["hate" or "neutral", { Length: > 0 } group])
            throw DataFault.InFile(path, "its name does not begin with 'hate_' or 'neutral_'; remove it from the folder of demonstrations");
        if (group.EndsWith(Ending, StringComparison.Ordinal))
            group = group[..^Ending.Length];
        var fields = new FieldReader(path, options);
        return fields.Convert(TextFile.Read(path, options).Where(row => !string.IsNullOrWhiteSpace(row.GetProperty("text").GetString())), (row, json) =>
        {
            json.WriteString("text", fields.Text(row, "text").Trim());
            json.WriteString("target_group", group);
            json.WriteString("attribute", Path.GetFileName(Path.GetDirectoryName(path)));
            json.WriteNumber("prompt_label", parts[0] == "hate" ? 1 : 0);
        });
    }
}
