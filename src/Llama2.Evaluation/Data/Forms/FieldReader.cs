using System.Globalization;
using System.Text.Json;
using Llama2.Evaluation.Data.Input;

namespace Llama2.Evaluation.Data.Forms;

/// <summary>Reads the fields of a row of a form, and writes rows with Hugging Face's fields.</summary>
/// <param name="path">The file, for messages.</param>
/// <param name="options">The limits.</param>
internal sealed class FieldReader(string path, DataOptions options)
{
    /// <summary>The number of the row that is being read, from 1.</summary>
    public int RowNumber { get; private set; }

    /// <summary>Converts rows one by one.</summary>
    /// <param name="rows">The rows of the file.</param>
    /// <param name="write">Writes the fields of a converted row.</param>
    public IEnumerable<JsonElement> Convert(IEnumerable<JsonElement> rows, Action<JsonElement, Utf8JsonWriter> write)
    {
        using var writer = new RowWriter();
        foreach (JsonElement row in rows)
        {
            RowNumber++;
            yield return writer.Write(json => write(row, json), options, (fault, cause) => Fault(fault, cause));
        }
    }

    /// <summary>Converts each row to any number of rows.</summary>
    /// <param name="rows">The rows of the file.</param>
    /// <param name="convert">Returns for each new row a function that writes its fields.</param>
    public IEnumerable<JsonElement> ConvertMany(IEnumerable<JsonElement> rows, Func<JsonElement, IEnumerable<Action<Utf8JsonWriter>>> convert)
    {
        using var writer = new RowWriter();
        foreach (JsonElement row in rows)
        {
            RowNumber++;
            foreach (Action<Utf8JsonWriter> write in convert(row))
                yield return writer.Write(write, options, (fault, cause) => Fault(fault, cause));
        }
    }

    public EvaluationDataException Fault(string fault, Exception? cause = null) => DataFault.At(path, "row", RowNumber, fault, cause);

    public JsonElement Member(JsonElement value, string name, JsonValueKind kind)
    {
        if (value.ValueKind != JsonValueKind.Object || !value.TryGetProperty(name, out JsonElement member))
            throw Fault($"there is no field '{name}'; is this the right file?");
        return member.ValueKind == kind ? member : throw Fault($"the field '{name}' is {member.ValueKind}, not {kind}");
    }

    public string Text(JsonElement value, string name) => Member(value, name, JsonValueKind.String).GetString()!;

    public string Text(JsonElement value) => value.ValueKind == JsonValueKind.String ? value.GetString()! : throw Fault($"a value is {value.ValueKind}, not a text");

    public JsonElement[] Items(JsonElement value, string name) => [.. Member(value, name, JsonValueKind.Array).EnumerateArray()];

    /// <summary>A whole number that is written as a number, or as a text.</summary>
    public long Integer(JsonElement value, string name)
    {
        if (value.ValueKind == JsonValueKind.Object && value.TryGetProperty(name, out JsonElement member))
        {
            if (member.ValueKind == JsonValueKind.Number && member.TryGetInt64(out long number))
                return number;
            if (member.ValueKind == JsonValueKind.String && long.TryParse(member.GetString(), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out number))
                return number;
        }

        throw Fault($"the field '{name}' is missing or not a whole number");
    }

    /// <summary>Copies a field as it is.</summary>
    public void Copy(JsonElement row, string name, Utf8JsonWriter json)
    {
        if (!row.TryGetProperty(name, out JsonElement value))
            throw Fault($"there is no field '{name}'; is this the right file?");
        json.WritePropertyName(name);
        value.WriteTo(json);
    }

    /// <summary>Copies all fields as they are.</summary>
    public static void CopyAll(JsonElement row, Utf8JsonWriter json)
    {
        foreach (JsonProperty field in row.EnumerateObject())
            field.WriteTo(json);
    }

    /// <summary>Writes a list of texts.</summary>
    public static void WriteList(Utf8JsonWriter json, string name, IEnumerable<string> values)
    {
        json.WriteStartArray(name);
        foreach (string value in values)
            json.WriteStringValue(value);
        json.WriteEndArray();
    }
}
