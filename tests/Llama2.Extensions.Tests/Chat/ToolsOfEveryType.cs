using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Reflection;
using System.Text.Json;
using Microsoft.Extensions.AI;

namespace Llama2.Extensions.Tests.Chat;

/// <summary>Functions with parameters of many types, and functions with schemas like those of servers of the Model Context Protocol.</summary>
internal static class ToolsOfEveryType
{
    private static readonly string[] s_schemas =
    [
        """{"type":"object","properties":{},"additionalProperties":false,"$schema":"http://json-schema.org/draft-07/schema#"}""",
        """
        {"type":"object","properties":{"duration":{"type":"number","default":10,"description":"In seconds"},"steps":{"type":"number","default":5}},
         "additionalProperties":false,"$schema":"http://json-schema.org/draft-07/schema#"}
        """,
        """{"type":"object","properties":{"prompt":{"type":"string"},"maxTokens":{"type":"number","default":100}},"required":["prompt"],"additionalProperties":false}""",
        """{"type":"object","properties":{"messageType":{"type":"string","enum":["error","success","debug"]},"includeImage":{"type":"boolean","default":false}},"required":["messageType"]}""",
        """{"type":"object","properties":{"resourceId":{"type":"number","minimum":1,"maximum":100}},"required":["resourceId"],"additionalProperties":false}""",
        """
        {"properties":{"body":{"type":"string"},"line":{"type":"number"},"path":{"type":"string"},"side":{"enum":["LEFT","RIGHT"],"type":"string"},
         "subjectType":{"description":"The level","enum":["FILE","LINE"],"type":"string"}},"required":["path","body","subjectType"],"type":"object"}
        """,
    ];

    /// <param name="isStrict">Whether the functions ask for strict adherence to their schemas, as OpenAI's clients read it.</param>
    public static IEnumerable<AIFunction> Create(bool isStrict)
    {
        Dictionary<string, object?> properties = isStrict ? new() { ["strict"] = true } : [];
        Delegate[] methods =
        [
            (int? i) => i, (string? s) => s, (int? i = null) => i, (bool b) => b, (double d) => d, (decimal d) => d, (float f) => f, (long l) => l, (char c) => c,
            (DateTime dt) => dt, (DateTimeOffset? dt) => dt, (TimeSpan ts) => ts, (DateOnly d) => d, (TimeOnly t) => t, (Uri uri) => uri, (Guid guid) => guid,
            (List<int> list) => list, (int[] arr, ComplexObject? co) => arr,
            (string p1 = "str", int p2 = 42, BindingFlags p3 = BindingFlags.IgnoreCase, char p4 = 'x') => p1,
            (string? p1 = "str", int? p2 = 42, BindingFlags? p3 = BindingFlags.IgnoreCase, char? p4 = 'x') => p1,
        ];
        return methods.Select((method, index) => AIFunctionFactory.Create(method, new AIFunctionFactoryOptions { Name = $"Method{index}", AdditionalProperties = properties }))
            .Concat(s_schemas.Select((schema, index) => new SchemaFunction($"CustomMethod{index}", schema, properties)));
    }

    private sealed class SchemaFunction(string name, string schema, IReadOnlyDictionary<string, object?> properties) : AIFunction
    {
        public override string Name => name;

        public override IReadOnlyDictionary<string, object?> AdditionalProperties => properties;

        public override JsonElement JsonSchema { get; } = JsonElement.Parse(schema);

        protected override ValueTask<object?> InvokeCoreAsync(AIFunctionArguments arguments, CancellationToken cancellationToken) => throw new NotSupportedException();
    }

    internal sealed class ComplexObject
    {
        [DisplayName("Something cool")]
        [DeniedValues("abc", "def", "default")]
        public string? SomeString { get; set; }

        [AllowedValues("abc", "def", "default")]
        public string AnotherString { get; set; } = "default";

        [Range(25, 75)]
        public int Value { get; set; }

        [EmailAddress]
        public string? Email { get; set; }

        [RegularExpression("[abc]")]
        public string? RegexString { get; set; }

        [StringLength(42)]
        public string MeasuredString { get; set; } = "default";

        [Length(1, 2)]
        public int[]? MeasuredArray1 { get; set; }

        [MinLength(1)]
        public int[]? MeasuredArray2 { get; set; }

        [MaxLength(10)]
        public int[]? MeasuredArray3 { get; set; }
    }
}
