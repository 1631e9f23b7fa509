using System.Text;
using System.Text.Json;
using Llama2.Evaluation.Data.Input;
using Llama2.Evaluation.Data.Reading;
using static System.FormattableString;

namespace Llama2.Evaluation.Data.Forms;

/// <summary>
/// WikiText (Merity et al. 2016, arXiv 1609.07843): <c>wiki.test.raw</c> and similar. Articles become rows with the field <c>page</c>: a line
/// <c>= Title =</c> begins an article, as in EleutherAI/wikitext_document_level.
/// </summary>
internal sealed class WikitextForm : IDatasetForm
{
    public IEnumerable<JsonElement>? Read(DatasetSearch search)
    {
        if (search.BySplit("train", "valid", "test") is not { } split || search.Name is not { } name || !name.EndsWith("-v1", StringComparison.Ordinal))
            return null;
        string folder = name[..^"-v1".Length];
        string file = $"wiki.{split}.{(folder.EndsWith("raw", StringComparison.Ordinal) ? "raw" : "tokens")}";
        // WikiText-103 has files of the same names.
        string[] paths = folder.StartsWith("wikitext-2", StringComparison.Ordinal) ? [$"{folder}/{file}", file] : [$"{folder}/{file}"];
        return search.Find(paths) is { } path ? ReadPages(path, search.Options) : null;
    }

    private static IEnumerable<JsonElement> ReadPages(string path, DataOptions options)
    {
        using var writer = new RowWriter();
        int number = 1;
        JsonElement Row(StringBuilder page) =>
            writer.Write(json => json.WriteString("page", page.ToString()), options, (fault, cause) => DataFault.At(path, "page", number, fault, cause));
        var page = new StringBuilder();
        bool hasText = false, isFirst = true;
        foreach (string line in TextFile.ReadSplit(path, options))
        {
            if (IsTitle(line))
            {
                if (hasText)
                {
                    yield return Row(page);
                    number++;
                }

                page.Clear();
                (hasText, isFirst) = (false, true);
            }

            page.Append(isFirst ? "" : "\n").Append(line);
            hasText |= !string.IsNullOrWhiteSpace(line);
            isFirst = false;
            if (page.Length > options.MaxTextLength)
                throw DataFault.At(path, "page", number, Invariant($"there are more than {options.MaxTextLength:N0} characters; if you trust the file, allow more with {nameof(DataOptions)}.{nameof(DataOptions.MaxTextLength)}"));
        }

        yield return Row(page);
    }

    // The titles of sections have two or more equals signs on each side.
    private static bool IsTitle(string line)
    {
        string title = line.Replace("= = =", "===", StringComparison.Ordinal).Replace("= =", "==", StringComparison.Ordinal).Trim();
        return title.StartsWith("= ", StringComparison.Ordinal) && title.EndsWith(" =", StringComparison.Ordinal);
    }
}
