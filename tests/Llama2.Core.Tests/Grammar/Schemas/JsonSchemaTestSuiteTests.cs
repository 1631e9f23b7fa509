using System.Text.Json;

namespace Llama2.Tests.Grammar.Schemas;

/// <summary>The JSON Schema Test Suite: each schema is either refused or allows no invalid instance.</summary>
public class JsonSchemaTestSuiteTests
{
    private const string Folder = "json-schema-test-suite";

    // Files with instances that are valid by the standard, but that this library deliberately does not allow. Integers must be written without a fraction part.
    // A constant must be written as in the
    // schema, with its properties in the same order. Texts must have the known formats that the schema names, in their common form. Keywords apply even if the
    // schema's $vocabulary leaves them out.
    private static readonly string[] s_deliberate =
    [
        "const.json", "enum.json", "type.json", "float-overflow.json", "format", "hostname.json", "idn-", "iri", "email.json", "date-time.json", "time.json", "uri", "vocabulary.json",
    ];

    [SharedDataFact(Folder)]
    public void Compile_Draft2020Suite_AllowsNoInvalidInstance() => Check("draft2020-12", "https://json-schema.org/draft/2020-12/schema");

    [SharedDataFact(Folder)]
    public void Compile_Draft7Suite_AllowsNoInvalidInstance() => Check("draft7", "http://json-schema.org/draft-07/schema#");

    private static void Check(string draft, string dialect)
    {
        SchemaCase[] cases = [.. Read(draft, dialect)];

        cases.SelectMany(schema => schema.WronglyAccepted).Should().BeEmpty();
        cases.SelectMany(schema => schema.WronglyRejected).Where(label => !Array.Exists(s_deliberate, file => label.StartsWith(file, StringComparison.Ordinal))).Should().BeEmpty();
        cases.Count(schema => schema.Refusal is null).Should().BeGreaterThan(cases.Length * 3 / 4);
    }

    // The suite's schemas need not name their draft, so the draft is added here.
    private static JsonElement WithDialect(JsonElement schema, string dialect) =>
        schema.ValueKind != JsonValueKind.Object || schema.TryGetProperty("$schema", out _) || !schema.EnumerateObject().Any()
            ? schema
            : JsonElement.Parse($"{{\"$schema\":\"{dialect}\",{schema.GetRawText().TrimStart()[1..]}");

    private static IEnumerable<SchemaCase> Read(string draft, string dialect)
    {
        string folder = SharedDataFactAttribute.PathOf(Path.Combine(Folder, draft));
        foreach (string file in Directory.GetFiles(folder, "*.json", SearchOption.AllDirectories).Order(StringComparer.Ordinal))
        {
            using var groups = JsonDocument.Parse(File.ReadAllBytes(file));
            foreach (JsonElement group in groups.RootElement.EnumerateArray())
                yield return new SchemaCase($"{Path.GetFileName(file)}, {group.GetProperty("description").GetString()}", WithDialect(group.GetProperty("schema"), dialect), group.GetProperty("tests"));
        }
    }
}
