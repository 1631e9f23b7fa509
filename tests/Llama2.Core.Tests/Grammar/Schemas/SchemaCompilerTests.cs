using System.Text;
using Llama2.Grammar.Rules;
using Llama2.Grammar.Schemas;

namespace Llama2.Tests.Grammar.Schemas;

public class SchemaCompilerTests
{
    [Theory]
    [InlineData("true", """{"a": [1, null, {"b": "c"}], "": -1.5e+10}""", """{"a":1}""")]
    [InlineData("""{"type": "object", "properties": {"a": {"type": "integer"}, "b": {"type": "string"}}, "required": ["b"]}""", """{"a": 1, "b": "x", "c": []}""", """{"a": 1}""")]
    [InlineData("""{"type": "object", "properties": {"a": {}}, "additionalProperties": false}""", """{"a": 1}""", """{"b": 1}""")]
    [InlineData("""{"type": "object", "properties": {"a": {}}, "additionalProperties": {"type": "integer"}}""", """{"x": 1}""", """{"x": "1"}""")]
    [InlineData("""{"type": "object", "properties": {"a": {}}, "additionalProperties": {"type": "integer"}}""", """{"a": "1"}""", """{"a": 1, "a": 1}""")]
    [InlineData("""{"type": "object", "minProperties": 1, "maxProperties": 2}""", """{"x": 1, "y": 2}""", "{}")]
    [InlineData("""{"type": "object", "minProperties": 1, "maxProperties": 2}""", """{"x": 1}""", """{"x": 1, "y": 2, "z": 3}""")]
    [InlineData("""{"properties": {"a": {}, "b": {}}, "required": ["c"], "maxProperties": 2}""", """{"a": 1, "c": 2}""", """{"a": 1, "b": 1, "c": 2}""")]
    [InlineData("""{"type": "object", "propertyNames": {"enum": ["a", "b"]}}""", """{"b": 1}""", """{"c": 1}""")]
    [InlineData("""{"type": "object", "dependentRequired": {"a": ["b"]}}""", """{"a": 1, "b": 2}""", """{"a": 1}""")]
    [InlineData("""{"type": "object", "dependencies": {"a": {"required": ["b"]}}}""", """{"b": 2}""", """{"a": 1}""")]
    [InlineData("""{"type": "array", "items": {"enum": [1, "a"]}, "minItems": 2}""", """[1, "a"]""", "[1]")]
    [InlineData("""{"type": "array", "items": {"enum": [1, "a"]}, "maxItems": 2}""", "[]", "[1, 1, 1]")]
    [InlineData("""{"prefixItems": [{"type": "null"}], "items": false, "type": "array"}""", "[null]", "[null, 1]")]
    [InlineData("""{"items": [{"type": "null"}], "additionalItems": {"type": "boolean"}, "type": "array"}""", "[null, true]", "[null, 1]")]
    [InlineData("""{"type": "array", "contains": {"const": 1}, "maxContains": 1}""", "[2, 1, 3]", "[1, 1]")]
    [InlineData("""{"type": "array", "contains": {"const": 1}, "minContains": 2}""", "[1, 3, 1]", "[1, 2]")]
    [InlineData("""{"type": "array", "items": {"enum": ["a", "b", "c"]}, "uniqueItems": true}""", """["c", "a"]""", """["a", "b", "a"]""")]
    [InlineData("""{"enum": ["a", 1, null, [1, {"x": 2}], {"y": []}]}""", """[1, {"x": 2}]""", """[1, {"x": 3}]""")]
    [InlineData("""{"const": {"a": {"b": 1}}}""", """{"a": {"b": 1}}""", """{"a": {"b": 1, "c": 2}}""")]
    [InlineData("""{"not": {"type": ["object", "array", "string", "boolean", "null"]}}""", "12", "null")]
    [InlineData("""{"type": "string", "not": {"enum": ["a", "b"]}}""", "\"c\"", "\"a\"")]
    [InlineData("""{"type": "integer", "not": {"const": 5}}""", "55", "5")]
    [InlineData("""{"type": "integer", "not": {"enum": [null, 0]}}""", "-10", "-0")]
    [InlineData("""{"type": "number", "not": {"const": 10}}""", "10.01", "10.0")]
    [InlineData("""{"type": "number", "multipleOf": 100, "not": {"const": 0}}""", "100.0", "0.0000000000")]
    [InlineData("""{"type": "number", "not": {"type": "integer"}}""", "1.5", "1")]
    [InlineData("""{"type": "object", "not": {"required": ["a"]}}""", """{"b": 1}""", """{"a": 1}""")]
    [InlineData("""{"type": "object", "not": {"properties": {"a": {"type": "integer"}}}}""", """{"a": "x"}""", """{"b": 1}""")]
    [InlineData("""{"type": "object", "not": {"additionalProperties": {"type": "integer"}}}""", """{"b": 1, "a": "x"}""", """{"b": 1}""")]
    [InlineData("""{"type": "array", "not": {"items": {"type": "integer"}}}""", """[1, "a"]""", "[1, 2]")]
    [InlineData("""{"oneOf": [{"type": "integer", "minimum": 3}, {"type": "integer", "multipleOf": 2}]}""", "2", "4")]
    [InlineData("""{"oneOf": [{"required": ["a"]}, {"required": ["b"]}], "type": "object"}""", """{"a": 1}""", """{"a": 1, "b": 1}""")]
    [InlineData("""{"allOf": [{"properties": {"a": {"minimum": 2}}}, {"properties": {"a": {"maximum": 4}}}], "required": ["a"], "type": "object"}""", """{"a": 3}""", """{"a": 5}""")]
    [InlineData("""{"if": {"properties": {"k": {"const": 1}}}, "then": {"required": ["x"]}, "else": {"required": ["y"]}, "type": "object", "required": ["k"]}""", """{"k": 1, "x": 0}""", """{"k": 1, "y": 0}""")]
    [InlineData("""{"minimum": 3}""", "\"text\"", "2")]
    [InlineData("""{"minimum": 3, "exclusiveMinimum": true}""", "4", "3")]
    [InlineData("""{"type": "integer", "exclusiveMaximum": 3.5, "minimum": -1.5}""", "3", "4")]
    [InlineData("""{"type": "integer", "multipleOf": 4, "allOf": [{"multipleOf": 6}]}""", "24", "8")]
    [InlineData("""{"type": "string", "minLength": 2, "maxLength": 3}""", "\"éé\"", "\"é\"")]
    [InlineData("""{"type": "string", "nullable": true}""", "null", "1")]
    [InlineData("""{"$ref": "#/$defs/tree", "$defs": {"tree": {"type": "object", "properties": {"c": {"type": "array", "items": {"$ref": "#/$defs/tree"}}}, "additionalProperties": false}}}""", """{"c": [{"c": []}, {}]}""", """{"c": [{"d": 1}]}""")]
    [InlineData("""{"$defs": {"a~/b": {"const": 1}}, "$ref": "#/$defs/a~0~1b"}""", "1", "2")]
    [InlineData("""{"$id": "http://x.example/a", "$defs": {"b": {"$id": "b", "$anchor": "n", "const": 1}}, "anyOf": [{"$ref": "b#n"}]}""", "1", "2")]
    [InlineData("""{"allOf": [{"properties": {"a": true}}], "unevaluatedProperties": false, "type": "object"}""", """{"a": 1}""", """{"b": 1}""")]
    public void Compile_Schema_AllowsTheValidTextAndNotTheInvalidOne(string schema, string valid, string invalid)
    {
        PlainRecognizer recognizer = Compile(schema);

        recognizer.IsMatch(Encoding.UTF8.GetBytes(valid)).Should().BeTrue();
        recognizer.IsMatch(Encoding.UTF8.GetBytes(invalid)).Should().BeFalse();
    }

    [Theory]
    [InlineData(JsonWhiteSpace.Spaced, """{"a": [1, 2], "b": {}}""")]
    [InlineData(JsonWhiteSpace.Compact, """{"a":[1,2],"b":{}}""")]
    [InlineData(JsonWhiteSpace.Flexible, "{ \"a\" :\n\t[ 1,2 ] , \"b\": { } }")]
    public void Compile_WhiteSpace_IsAsDemanded(JsonWhiteSpace whiteSpace, string text)
    {
        string[] others = ["""{"a": [1, 2], "b": {}}""", """{"a":[1,2],"b":{}}""", "{ \"a\" :\n\t[ 1,2 ] , \"b\": { } }"];
        PlainRecognizer recognizer = Compile("{}", whiteSpace);

        others.Where(other => recognizer.IsMatch(Encoding.UTF8.GetBytes(other))).Should().BeEquivalentTo(whiteSpace == JsonWhiteSpace.Flexible ? others : [text]);
    }

    [Theory]
    [InlineData("""{"properties": {"a": {"$ref": "http://example.com/other"}}}""", "/properties/a/$ref", "not fetched")]
    [InlineData("""{"properties": {"a": {"$ref": "#/$defs/none"}}}""", "/properties/a/$ref", "refers to nothing")]
    [InlineData("""{"items": {"type": "text"}}""", "/items/type", "'text' is not a type")]
    [InlineData("""{"items": {"minLength": -1}}""", "/items/minLength", "0 or more")]
    [InlineData("""{"items": 1}""", "/items", "object or a boolean")]
    [InlineData("""{"uniqueItems": true}""", "/uniqueItems", "at most 8")]
    [InlineData("""{"type": "array", "minItems": 100000}""", "", "20,000 states")]
    [InlineData("""{"type": "object", "minProperties": 2}""", "", "two or more undeclared properties")]
    [InlineData("""{"$ref": "#"}""", "", "refers to itself")]
    [InlineData("""{"not": {"uniqueItems": true}}""", "/not/uniqueItems", "equal items")]
    [InlineData("""{"anyOf": [{"properties": {"a": {}}}], "unevaluatedProperties": false}""", "/unevaluatedProperties", "alternatives")]
    [InlineData("""{"$dynamicRef": "#a"}""", "/$dynamicRef", "not supported")]
    [InlineData("""{"const": "\ud800"}""", "", "surrogate")]
    public void Compile_DemandThatCannotBeEnforced_IsRefusedByItsPath(string schema, string path, string reason) =>
        FluentActions.Invoking(() => Compile(schema)).Should().Throw<OutputConstraintException>().WithMessage($"*{reason}*").Which.Path.Should().Be(path);

    public static TheoryData<string, string> HostileSchemas => new()
    {
        { "{'allOf': [" + Repeat(20, i => "{'anyOf': [" + Repeat(10, j => $"{{'required': ['a{i}_{j}']}}") + "]}") + "]}", "2,000 alternatives" },
        { "{'anyOf': [" + Repeat(50_000, i => $"{{'const': {i}}}") + "]}", "1,000 schemas" },
        { "{'oneOf': [" + Repeat(20, i => $"{{'properties': {{'a{i}': {{'type': 'string'}}, 'b{i}': {{'type': 'integer'}}}}}}") + "]}", "320,000 steps of work" },
        { "{'$ref': '#/$defs/0', '$defs': {" + Repeat(600, i => $"'{i}': {{'allOf': [{{'$ref': '#/$defs/{i + 1}'}}]}}") + ", '600': true}}", "500 schemas" },
        { "{'patternProperties': {" + Repeat(9, i => $"'a{i}': {{'const': {i}}}") + "}}", "6 different patterns" },
        { string.Concat(Enumerable.Repeat("{'items': ", 50_000)), "128 levels" },
    };

    [Theory]
    [MemberData(nameof(HostileSchemas))]
    public void Compile_HostileSchema_IsRefusedByALimit(string schema, string limit) =>
        FluentActions.Invoking(() => Compile(schema.Replace('\'', '"'))).Should().Throw<OutputConstraintException>().WithMessage($"*{limit}*");

    [Theory]
    [InlineData("""{"type": "string", "uniqueItems": true}""")]
    [InlineData("""{"type": "object", "x-order": 1, "description": "d", "properties": {"a": {"title": "t", "default": 1, "examples": [1], "deprecated": true}}}""")]
    public void Compile_KeywordWithoutEffect_IsAllowed(string schema) => Compile(schema).Rules.RuleCount.Should().BePositive();

    [Theory]
    [InlineData("false")]
    [InlineData("""{"type": "object", "properties": {"a": false}, "required": ["a"]}""")]
    [InlineData("""{"type": "integer", "minimum": 2, "maximum": 1}""")]
    [InlineData("""{"not": {"$ref": "#"}}""")]
    public void Compile_SchemaThatNothingMatches_IsUnsatisfiable(string schema) =>
        FluentActions.Invoking(() => Compile(schema)).Should().Throw<UnsatisfiableGrammarException>();

    private static string Repeat(int count, Func<int, string> write) => string.Join(", ", Enumerable.Range(0, count).Select(write));

    private static PlainRecognizer Compile(string schema, JsonWhiteSpace whiteSpace = JsonWhiteSpace.Spaced) =>
        new(SchemaCompiler.Compile(Encoding.UTF8.GetBytes(schema), whiteSpace));
}
