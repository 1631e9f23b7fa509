using System.Text.Json;
using Llama2.Evaluation.Data.Reading;

namespace Llama2.Evaluation.Data.Forms;

/// <summary>
/// BBQ (Parrish et al. 2022, arXiv 2110.08193): one file per category, <c>Age.jsonl</c>, whose fields are those of the hub. Without a configuration, or
/// with <c>All</c>, all files that are there are read in the order of their names.
/// </summary>
internal sealed class BbqForm : IDatasetForm
{
    private static readonly string[] s_categories =
    [
        "Age", "Disability_status", "Gender_identity", "Nationality", "Physical_appearance", "Race_ethnicity", "Race_x_SES", "Race_x_gender", "Religion", "SES",
        "Sexual_orientation",
    ];

    public IEnumerable<JsonElement>? Read(DatasetSearch search)
    {
        if (search.Split != "test")
            return null;
        IEnumerable<string> categories = search.Name is null or "All" or "all" ? s_categories : s_categories.Where(category => category.Equals(search.Name, StringComparison.OrdinalIgnoreCase));
        string[] paths = [.. categories.Select(category => search.Find($"{category}.jsonl", $"data/{category}.jsonl")).OfType<string>()];
        return paths.Length == 0 ? null : paths.SelectMany(path => JsonLinesFile.Read(path, search.Options));
    }
}
