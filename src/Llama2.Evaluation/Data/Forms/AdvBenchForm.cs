using System.Text.Json;
using Llama2.Evaluation.Data.Reading;

namespace Llama2.Evaluation.Data.Forms;

/// <summary>AdvBench (Zou et al. 2023, arXiv 2307.15043): <c>harmful_behaviors.csv</c>. The hub calls the column <c>goal</c> <c>prompt</c>.</summary>
internal sealed class AdvBenchForm : IDatasetForm
{
    public IEnumerable<JsonElement>? Read(DatasetSearch search)
    {
        if (search.Split is not ("train" or "test") || search.Find("harmful_behaviors.csv", "data/advbench/harmful_behaviors.csv") is not { } path)
            return null;
        var fields = new FieldReader(path, search.Options);
        return fields.Convert(DelimitedFile.Read(path, search.Options), (row, json) =>
        {
            json.WriteString("prompt", fields.Text(row, "goal"));
            json.WriteString("target", fields.Text(row, "target"));
        });
    }
}
