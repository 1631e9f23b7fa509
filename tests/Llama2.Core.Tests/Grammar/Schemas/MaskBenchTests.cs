using System.Text.Json;

namespace Llama2.Tests.Grammar.Schemas;

/// <summary>An eighth of MaskBench: schemas that were collected from practice, with valid and invalid instances.</summary>
public class MaskBenchTests
{
    private const string DataFile = "maskbench/dev.jsonl";

    [SharedDataFact(DataFile)]
    public void Compile_SchemasFromTheField_AllowsNoInvalidInstanceAndMostValidOnes()
    {
        SchemaCase[] cases = [.. File.ReadLines(SharedDataFactAttribute.PathOf(DataFile)).Select(line =>
        {
            using var document = JsonDocument.Parse(line);
            return new SchemaCase(document.RootElement.GetProperty("name").GetString()!, document.RootElement.GetProperty("schema"), document.RootElement.GetProperty("tests"));
        })];

        cases.SelectMany(schema => schema.WronglyAccepted).Should().BeEmpty();
        ((double)cases.Count(schema => schema.Passes) / cases.Length).Should().BeGreaterThan(0.88);
    }
}
