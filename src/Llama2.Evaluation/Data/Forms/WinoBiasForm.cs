using System.Text.Json;
using System.Text.RegularExpressions;
using Llama2.Evaluation.Data.Reading;
using static System.FormattableString;

namespace Llama2.Evaluation.Data.Forms;

/// <summary>
/// WinoBias (Zhao et al. 2018, arXiv 1804.06876): <c>pro_stereotyped_type1.txt.dev</c> and similar. A line is a number and a sentence, in which the mentions
/// of one person are in brackets: <c>1 [The developer] argued with the designer because [he] did not like the design.</c>. A row has the sentence
/// without brackets (<c>sentence</c>), the mentions (<c>mentions</c>), the words (<c>tokens</c>: words, and punctuation as separate tokens) and, as the hub
/// has them, the first and last token of each mention (<c>coreference_clusters</c>). Configurations are <c>type1_pro</c>, <c>type1_anti</c>,
/// <c>type2_pro</c> and <c>type2_anti</c>; without one, all are read.
/// </summary>
internal sealed partial class WinoBiasForm : IDatasetForm
{
    private static readonly string[] s_names = ["type1_pro", "type1_anti", "type2_pro", "type2_anti"];

    public IEnumerable<JsonElement>? Read(DatasetSearch search)
    {
        if (search.BySplit(null, "dev", "test") is not { } ending)
            return null;
        string[] names = [.. s_names.Where(name => search.Name is null || name == search.Name)];
        string?[] paths = [.. names.Select(name => $"{name[6..]}_stereotyped_{name[..5]}.txt.{ending}").Select(file => search.Find(file, $"WinoBias/wino/data/{file}", $"data/{file}"))];
        return paths.Length == 0 || paths.Contains(null) ? null : paths.SelectMany((path, index) => Read(path!, names[index], search.Options));
    }

    private static IEnumerable<JsonElement> Read(string path, string name, DataOptions options)
    {
        var fields = new FieldReader(path, options);
        return fields.Convert(TextFile.Read(path, options), (row, json) =>
        {
            string text = fields.Text(row, "text");
            string marked = text[(text.IndexOf(' ', StringComparison.Ordinal) + 1)..].Trim();
            List<string> mentions = [], tokens = [], spans = [];
            bool isOpen = false;
            foreach (ValueMatch match in Part().EnumerateMatches(marked))
            {
                string part = marked.Substring(match.Index, match.Length);
                if (part is "[" or "]")
                {
                    if (isOpen == (part == "["))
                        throw fields.Fault("the brackets are not in pairs");
                    isOpen = !isOpen;
                    // A mention without words would end before it begins.
                    spans.Add(Invariant($"{(isOpen ? tokens.Count : tokens.Count - 1)}"));
                    if (isOpen)
                        mentions.Add(Mention(marked, match.Index + 1, fields));
                }
                else
                {
                    tokens.Add(part);
                }
            }

            if (mentions.Count < 2 || isOpen)
                throw fields.Fault($"there are {mentions.Count} mentions in brackets; two are needed at least");
            json.WriteString("sentence", marked.Replace("[", "", StringComparison.Ordinal).Replace("]", "", StringComparison.Ordinal));
            FieldReader.WriteList(json, "mentions", mentions);
            FieldReader.WriteList(json, "tokens", tokens);
            FieldReader.WriteList(json, "coreference_clusters", spans);
            json.WriteString("type", name[..5]);
            json.WriteString("stereotype", name[6..]);
        });
    }

    private static string Mention(string marked, int start, FieldReader fields)
    {
        int end = marked.IndexOf(']', start);
        return end > start ? marked[start..end] : throw fields.Fault("the brackets are not in pairs, or have nothing in them");
    }

    [GeneratedRegex(@"[\[\]]|[\w'’-]+|[^\s\w\[\]]", RegexOptions.NonBacktracking | RegexOptions.CultureInvariant)]
    private static partial Regex Part();
}
