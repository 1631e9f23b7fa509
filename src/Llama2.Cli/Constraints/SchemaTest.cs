using System.Text.Json;
using Llama2.Cli.Input;
using Llama2.Cli.Terminal;

namespace Llama2.Cli.Constraints;

/// <summary>A schema with texts, and for each text whether it fits the schema.</summary>
/// <param name="Name">The name of the schema.</param>
/// <param name="Schema">The schema.</param>
/// <param name="Texts">The texts, as <see cref="PythonJson"/> writes them, with members in the schema's order.</param>
internal sealed record SchemaTest(string Name, string Schema, IReadOnlyList<(string Text, bool IsValid)> Texts)
{
    /// <summary>Parses a line <c>{"name", "schema", "tests": [{"data", "valid"}]}</c>; unknown members are ignored.</summary>
    /// <exception cref="CommandException">The line is not UTF-8, is not JSON, does not have this form, or has too many values for its length.</exception>
    public static SchemaTest Parse(ReadOnlyMemory<byte> line)
    {
        using JsonDocument document = JsonLine.Parse(line);
        JsonElement root = document.RootElement;
        if (root.ValueKind != JsonValueKind.Object || !root.TryGetProperty("schema"u8, out JsonElement schema)
            || !root.TryGetProperty("tests"u8, out JsonElement tests) || tests.ValueKind != JsonValueKind.Array)
        {
            throw new CommandException("not an object with \"schema\" and an array \"tests\".");
        }

        string name = root.TryGetProperty("name"u8, out JsonElement value) && value.ValueKind == JsonValueKind.String ? JsonText.Read(value) : "";
        try
        {
            return new SchemaTest(name, schema.GetRawText(), [.. tests.EnumerateArray().Select(test => ParseText(test, schema))]);
        }
        catch (InvalidOperationException exception)
        {
            throw new CommandException("a text in the schema, or a name, has half of a surrogate pair, which is not valid text.", exception);
        }
    }

    private static (string Text, bool IsValid) ParseText(JsonElement test, JsonElement schema) =>
        test.ValueKind == JsonValueKind.Object && test.TryGetProperty("data"u8, out JsonElement data)
            && test.TryGetProperty("valid"u8, out JsonElement valid) && valid.ValueKind is JsonValueKind.True or JsonValueKind.False
            ? (PythonJson.Write(data, new SchemaOrder(schema, data)), valid.GetBoolean())
            : throw new CommandException("an element of \"tests\" is not an object with \"data\" and a boolean \"valid\".");
}
