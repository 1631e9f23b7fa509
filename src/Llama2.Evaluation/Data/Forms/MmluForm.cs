using System.Text.Json;
using Llama2.Evaluation.Data.Reading;

namespace Llama2.Evaluation.Data.Forms;

/// <summary>
/// MMLU (Hendrycks et al. 2021, arXiv 2009.03300): one file per subject and split, <c>test/anatomy_test.csv</c>. The authors' files have no header and
/// the answer as a letter; copies have a header and the answer as a number from 0.
/// </summary>
internal sealed class MmluForm : IDatasetForm
{
    private static readonly string[] s_folders = ["", "data"];
    private static readonly string[] s_fields = ["question", "choice0", "choice1", "choice2", "choice3", "answer"];

    public IEnumerable<JsonElement>? Read(DatasetSearch search)
    {
        string ending = search.IsValidation ? "val" : search.Split;
        string? parent = s_folders.Select(folder => Path.Combine(search.Folder, folder, ending)).FirstOrDefault(Directory.Exists);
        if (parent is null)
        {
            search.Places.Add(Path.Combine(search.Folder, ending));
            return null;
        }

        string pattern = $"{(search.Name is null or "all" ? "*" : search.Name)}_{ending}.csv";
        string[] files = Directory.GetFiles(parent, pattern);
        Array.Sort(files, StringComparer.Ordinal);
        if (files.Length == 0)
        {
            search.Places.Add(Path.Combine(parent, pattern));
            return null;
        }

        return files.SelectMany(file => ReadSubject(file, Path.GetFileName(file)[..^$"_{ending}.csv".Length], search.Options));
    }

    private static IEnumerable<JsonElement> ReadSubject(string path, string subject, DataOptions options)
    {
        // A file that begins with the name of the first field has a header, and its second line is the first question.
        bool hasHeader = DelimitedFile.Read(path, options, s_fields).FirstOrDefault() is { ValueKind: JsonValueKind.Object } first && first.GetProperty("answer").ValueEquals("answer");
        var fields = new FieldReader(path, options);
        return fields.Convert(DelimitedFile.Read(path, options, s_fields).Skip(hasHeader ? 1 : 0), (row, json) =>
        {
            json.WriteString("question", fields.Text(row, "question"));
            json.WriteString("subject", subject);
            FieldReader.WriteList(json, "choices", s_fields[1..5].Select(name => fields.Text(row, name)));
            json.WriteNumber("answer", Answer(fields.Text(row, "answer"), fields));
        });
    }

    private static int Answer(string text, FieldReader fields) => text.Trim() switch
    {
        [>= 'A' and <= 'D' and var letter] => letter - 'A',
        [>= '0' and <= '3' and var digit] => digit - '0',
        _ => throw fields.Fault("the answer is neither a letter from A to D nor a number from 0 to 3"),
    };
}
