using System.Text.Json;
using Llama2.Evaluation.Data.Reading;

namespace Llama2.Evaluation.Data.Forms;

/// <summary>The configuration <c>all</c> of MMLU on the Hugging Face hub, from which the rows of one subject are taken.</summary>
internal sealed class MmluAllForm : IDatasetForm
{
    public IEnumerable<JsonElement>? Read(DatasetSearch search)
    {
        if (search.Name is null or "all" || HubLayout.Find(search with { Name = "all" }, DatasetTable.Mmlu).FirstOrDefault() is not { } parts)
            return null;
        JsonElement[] rows =
        [
            .. parts.SelectMany(part => RowFile.Read(part, search.Options))
                .Where(row => row.TryGetProperty("subject", out JsonElement subject) && subject.ValueKind == JsonValueKind.String && subject.ValueEquals(search.Name)),
        ];
        if (rows.Length > 0)
            return rows;
        search.Places.Add($"{parts[0]} (it has no rows of the subject '{search.Name}')");
        return null;
    }
}
