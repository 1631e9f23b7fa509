using System.Globalization;
using System.Text.Json;
using Llama2.Evaluation.Data.Input;
using Llama2.Evaluation.Data.Reading;

namespace Llama2.Evaluation.Data.Forms;

/// <summary>The annotated statements of ToxiGen as a table: <c>annotated_test.csv</c>. The ratings become floating-point numbers, as on the hub.</summary>
internal sealed class ToxiGenAnnotatedForm : IDatasetForm
{
    private static readonly string[] s_ratings = ["toxicity_ai", "toxicity_human", "intent"];

    public IEnumerable<JsonElement>? Read(DatasetSearch search)
    {
        string file = $"annotated_{search.Split}.csv";
        if (search.Name is not (null or "annotated") || search.Find(file, $"data/{file}") is not { } path)
            return null;
        var fields = new FieldReader(path, search.Options);
        return fields.Convert(DelimitedFile.Read(path, search.Options), (row, json) =>
        {
            foreach (JsonProperty field in row.EnumerateObject())
            {
                if (!s_ratings.Contains(field.Name))
                {
                    field.WriteTo(json);
                    continue;
                }

                if (!double.TryParse(field.Value.GetString(), NumberStyles.Float, CultureInfo.InvariantCulture, out double rating) || !double.IsFinite(rating))
                    throw fields.Fault($"the field '{field.Name}' is not a number");
                json.WritePropertyName(field.Name);
                RowWriter.WriteFloat(json, rating);
            }
        });
    }
}
