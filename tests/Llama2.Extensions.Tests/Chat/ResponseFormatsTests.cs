using System.ComponentModel;
using System.Text.Json;
using Llama2.Extensions.Chat;
using Microsoft.Extensions.AI;

namespace Llama2.Extensions.Tests.Chat;

public class ResponseFormatsTests
{
    private readonly ConstraintCache _constraints = new();

    [Fact]
    public void ToConstraint_Text_IsNone()
    {
        ResponseFormats.ToConstraint(null, _constraints).Should().BeNull();
        ResponseFormats.ToConstraint(ChatResponseFormat.Text, _constraints).Should().BeNull();
    }

    [Fact]
    public void ToConstraint_Json_IsAnyJson() => ResponseFormats.ToConstraint(ChatResponseFormat.Json, _constraints)!.Kind.Should().Be("JSON");

    [Fact]
    public void ToConstraint_Schema_IsCompiledOnce() =>
        ResponseFormats.ToConstraint(ChatResponseFormat.ForJsonSchema<Place>(), _constraints)
            .Should().BeSameAs(ResponseFormats.ToConstraint(ChatResponseFormat.ForJsonSchema<Place>(), _constraints));

    [Fact]
    public void Describe_Text_IsNothing()
    {
        ResponseFormats.Describe(null).Should().BeNull();
        ResponseFormats.Describe(ChatResponseFormat.Text).Should().BeNull();
    }

    [Fact]
    public void Describe_Json_AsksForJson() => ResponseFormats.Describe(ChatResponseFormat.Json).Should().Be("Answer only with JSON.");

    [Fact]
    public void Describe_Schema_HasNameDescriptionAndSchemaWithoutItsDialectAndSpaces() =>
        ResponseFormats.Describe(ChatResponseFormat.ForJsonSchema(
            JsonElement.Parse("""{ "$schema": "https://json-schema.org/draft/2020-12/schema", "type": "string", "description": "<é>" }"""), "place", "Where it is"))
            .Should().Be("""Answer only with JSON that fits this JSON Schema, 'place' (Where it is): {"type":"string","description":"<é>"}""");

    [Fact]
    public void Describe_SchemaOfAType_HasItsProperties() =>
        ResponseFormats.Describe(ChatResponseFormat.ForJsonSchema<Place>()).Should().StartWith("Answer only with JSON that fits this JSON Schema, 'Place' (A place): {").And.Contain("\"height\"");

    [Fact]
    public void Describe_BooleanSchema_IsWrittenToo() =>
        ResponseFormats.Describe(ChatResponseFormat.ForJsonSchema(JsonElement.Parse("true"))).Should().EndWith("Schema: true");

    [Description("A place")]
    internal sealed record Place(string Name, int Height);
}
