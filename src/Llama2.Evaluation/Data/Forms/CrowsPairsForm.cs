using System.Text.Json;
using Llama2.Evaluation.Data.Reading;

namespace Llama2.Evaluation.Data.Forms;

/// <summary>CrowS-Pairs (Nangia et al. 2020, arXiv 2010.00133): <c>crows_pairs_anonymized.csv</c>; English.</summary>
internal sealed class CrowsPairsForm : IDatasetForm
{
    private static readonly string[] s_texts = ["sent_more", "sent_less", "stereo_antistereo", "bias_type"];

    public IEnumerable<JsonElement>? Read(DatasetSearch search)
    {
        if (search.Split != "test" || search.Name is not (null or "english" or "crows_pairs") || search.Find("crows_pairs_anonymized.csv", "data/crows_pairs_anonymized.csv") is not { } path)
            return null;
        var fields = new FieldReader(path, search.Options);
        return fields.Convert(DelimitedFile.Read(path, search.Options), (row, json) =>
        {
            json.WriteNumber("id", fields.RowNumber - 1);
            foreach (string name in s_texts)
                json.WriteString(name, fields.Text(row, name));
        });
    }
}
