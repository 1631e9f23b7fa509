using System.Text.Json;

namespace Llama2.Tests.Grammar.Schemas;

/// <summary>The JSON Schema Test Suite: a schema is refused, or allows no invalid instance.</summary>
public class JsonSchemaTestSuiteTests
{
    private const string Folder = "json-schema-test-suite";

    // Valid instances that are deliberately not allowed: integers have no fraction, and a constant is written as it is, its properties in order.
    private static readonly string[] s_deliberate = ["const.json", "enum.json", "type.json", "float-overflow.json"];

    [SharedDataFact(Folder)]
    public void Compile_Draft2020Suite_AllowsNoInvalidInstance() => Check("draft2020-12");

    [SharedDataFact(Folder)]
    public void Compile_Draft7Suite_AllowsNoInvalidInstance() => Check("draft7");

    private static void Check(string draft)
    {
        SchemaCase[] cases = [.. Read(draft)];

        cases.SelectMany(schema => schema.WronglyAccepted).Should().BeEmpty();
        cases.SelectMany(schema => schema.WronglyRejected).Where(label => !Array.Exists(s_deliberate, file => label.StartsWith(file, StringComparison.Ordinal))).Should().BeEmpty();
        cases.Count(schema => schema.Refusal is null).Should().BeGreaterThan(cases.Length * 3 / 4);
    }

    private static IEnumerable<SchemaCase> Read(string draft)
    {
        string folder = SharedDataFactAttribute.PathOf(Path.Combine(Folder, draft));
        foreach (string file in Directory.GetFiles(folder, "*.json", SearchOption.AllDirectories).Order(StringComparer.Ordinal))
        {
            using var groups = JsonDocument.Parse(File.ReadAllBytes(file));
            foreach (JsonElement group in groups.RootElement.EnumerateArray())
                yield return new SchemaCase($"{Path.GetFileName(file)}, {group.GetProperty("description").GetString()}", group.GetProperty("schema"), group.GetProperty("tests"));
        }
    }
}
