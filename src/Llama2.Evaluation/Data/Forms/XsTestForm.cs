using System.Text.Json;
using Llama2.Evaluation.Data.Reading;

namespace Llama2.Evaluation.Data.Forms;

/// <summary>
/// XSTest (Röttger et al. 2024, arXiv 2308.01263): <c>xstest_prompts.csv</c>. Older files have no column <c>label</c>; there, the prompts whose type begins
/// with <c>contrast_</c> are the unsafe ones.
/// </summary>
internal sealed class XsTestForm : IDatasetForm
{
    public IEnumerable<JsonElement>? Read(DatasetSearch search)
    {
        if (search.Split is not ("test" or "train") || search.Find("xstest_prompts.csv", "prompts.csv", "xstest_v2_prompts.csv") is not { } path)
            return null;
        var fields = new FieldReader(path, search.Options);
        return fields.Convert(DelimitedFile.Read(path, search.Options), (row, json) =>
        {
            FieldReader.CopyAll(row, json);
            if (!row.TryGetProperty("label", out _))
                json.WriteString("label", fields.Text(row, "type").StartsWith("contrast_", StringComparison.Ordinal) ? "unsafe" : "safe");
        });
    }
}
