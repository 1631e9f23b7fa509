using System.Text.Json;
using Llama2.Evaluation.Data.Input;
using static System.FormattableString;

namespace Llama2.Evaluation.Data.Reading;

/// <summary>Turns an object of lists, one per field, into rows.</summary>
internal static class JsonColumns
{
    public static IEnumerable<JsonElement> Read(JsonElement columns, string path, DataOptions options)
    {
        JsonProperty[] fields = [.. columns.EnumerateObject()];
        int count = fields[0].Value.GetArrayLength();
        foreach (JsonProperty field in fields)
        {
            if (field.Value.GetArrayLength() != count)
            {
                throw DataFault.InFile(path, Invariant(
                    $"the field {DataFault.Quote(field.Name)} has {field.Value.GetArrayLength():N0} values, and {DataFault.Quote(fields[0].Name)} has {count:N0}; all fields need the same number"));
            }
        }

        using var writer = new RowWriter();
        JsonElement.ArrayEnumerator[] values = [.. fields.Select(field => field.Value.EnumerateArray())];
        for (int row = 1; row <= count; row++)
        {
            int number = row;
            yield return writer.Write(
                json =>
                {
                    for (int field = 0; field < fields.Length; field++)
                    {
                        values[field].MoveNext();
                        json.WritePropertyName(fields[field].Name);
                        values[field].Current.WriteTo(json);
                    }
                },
                options,
                (fault, cause) => DataFault.At(path, "row", number, fault, cause));
        }
    }
}
