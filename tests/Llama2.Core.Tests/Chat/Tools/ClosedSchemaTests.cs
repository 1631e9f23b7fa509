using System.Text.Json;
using Llama2.Chat.Tools;
using Llama2.Tests.Grammar.Schemas;

namespace Llama2.Tests.Chat.Tools;

public sealed class ClosedSchemaTests(DemonstrationModel demonstration) : IClassFixture<DemonstrationModel>
{
    [Theory]
    [InlineData("""{"properties":{}}""", """{"properties":{},"additionalProperties":false}""")]
    [InlineData(
        """{"type":"object","properties":{"not":{"type":["object","null"],"properties":{"b":{}}}},"required":["not"]}""",
        """{"type":"object","properties":{"not":{"type":["object","null"],"properties":{"b":{}},"additionalProperties":false}},"required":["not"],"additionalProperties":false}""")]
    [InlineData("""{"items":{"anyOf":[{"type":"null"},{"properties":{}}]}}""", """{"items":{"anyOf":[{"type":"null"},{"properties":{},"additionalProperties":false}]}}""")]
    [InlineData("""{"prefixItems":[{"properties":{}}]}""", """{"prefixItems":[{"properties":{},"additionalProperties":false}]}""")]
    [InlineData("""{"$ref":"#/$defs/a","$defs":{"a":{"properties":{}}}}""", """{"$ref":"#/$defs/a","$defs":{"a":{"properties":{},"additionalProperties":false}}}""")]
    [InlineData("""{"additionalProperties":{"properties":{}}}""", """{"additionalProperties":{"properties":{},"additionalProperties":false}}""")]
    public void Of_ObjectsWithProperties_HaveNoOthers(string schema, string expected) => ClosedSchema.Of(schema).Should().Be(expected);

    [Theory]
    [InlineData("true")]
    [InlineData("""{"type":"object"}""")]
    [InlineData("""{"properties":{"a":{}},"required":["b"]}""")]
    [InlineData("""{"properties":{"a":{}},"minProperties":1}""")]
    [InlineData("""{"properties":{"a":{}},"additionalProperties":true}""")]
    [InlineData("""{"properties":{"a":{}},"enum":[{"b":1}]}""")]
    [InlineData("""{"properties":{"a":{}},"dependentRequired":{"a":["b"]}}""")]
    [InlineData("""{"properties":{"a":{}},"patternProperties":{"^b":{}}}""")]
    public void Of_ObjectThatMayNeedOthers_IsAsItIs(string schema) => ClosedSchema.Of(schema).Should().Be(schema);

    [Theory]
    [InlineData("""{"allOf":[{"properties":{"a":{}}},{"properties":{"b":{}}}]}""")]
    [InlineData("""{"oneOf":[{"properties":{"a":{}}},{"properties":{"a":{},"b":{}}}]}""")]
    [InlineData("""{"not":{"properties":{"a":{"type":"null"}}}}""")]
    [InlineData("""{"properties":{"a":{}},"anyOf":[{"properties":{"b":{}}},{"properties":{"c":{}}}]}""")]
    [InlineData("""{"$ref":"#/$defs/x","properties":{"a":{}},"$defs":{"x":{"properties":{"b":{}}}}}""")]
    [InlineData("""{"properties":{"a":{"items":{"if":{"properties":{"b":{}}},"else":false}}}}""")]
    public void Of_SeveralSchemasOfOneObjectOrExclusions_IsAsItIs(string schema) => ClosedSchema.Of(schema).Should().Be(schema);

    [Theory]
    [InlineData("{")]
    [InlineData("""{"properties":{},"properties":{}}""")]
    public void Of_MalformedText_IsLeftToTheCompiler(string schema) => ClosedSchema.Of(schema).Should().Be(schema);

    [Fact]
    public async Task Of_RandomSchema_AdmitsOnlyWhatTheSchemaAdmits()
    {
        int textCount = 0;
        for (int seed = 0; seed < 4000; seed++)
        {
            string schema = RandomSchema.Create(new Random(seed)), closed = ClosedSchema.Of(schema);
            if (closed == schema || Compile(schema) is null || SchemaJudge.TryCreate(schema) is not { } judge)
                continue;
            OutputConstraint? constraint = Compile(closed);

            constraint.Should().NotBeNull("'{0}' can be enforced, and so can '{1}'", schema, closed);
            int minimum = constraint!.FindMinTokenCount(demonstration.Model.Tokenizer);
            if (minimum > 150)
                continue;
            var options = new GenerationOptions { Constraint = constraint, MaxTokens = minimum + 50, Temperature = 2, TopK = 0, TopP = 1, Seed = (ulong)seed };
            string text = (await demonstration.Model.GenerateTextAsync("JSON:", options)).Text;
            judge.IsValid(text).Should().NotBe(false, "'{0}' fits '{1}', therefore '{2}'", text, closed, schema);
            textCount++;
        }

        textCount.Should().BeGreaterThan(30);
    }

    [Fact]
    public async Task CreateConstraint_ParametersWithoutAWordAboutOthers_AreTheOnlyArguments()
    {
        var tool = new LlamaTool("f", "", JsonElement.Parse("""{"properties":{"a":{"type":"boolean"}},"required":["a"]}"""));
        for (ulong seed = 1; seed <= 20; seed++)
        {
            var options = new GenerationOptions { Constraint = ToolFormat.Json.CreateConstraint([tool], isRequired: true), MaxTokens = 90, Temperature = 2, TopK = 0, TopP = 1, Seed = seed };
            List<LlamaToolCall> calls = [];

            ToolFormat.Json.CreateReader().Append((await demonstration.Model.GenerateTextAsync("Well?", options)).Text, calls);

            calls.Should().ContainSingle().Which.Arguments.EnumerateObject().Should().OnlyContain(argument => argument.Name == "a");
        }
    }

    private static OutputConstraint? Compile(string schema)
    {
        try
        {
            return OutputConstraint.JsonSchema(schema);
        }
        catch (OutputConstraintException)
        {
            return null;
        }
    }
}
