using System.Text.Json;
using System.Text.Json.Nodes;
using Llama2.Tests.Grammar.Schemas;

namespace Llama2.Tests.Chat;

/// <summary>The functions of the Berkeley Function Calling Leaderboard: a required call fits the function's parameters, whatever model is used.</summary>
public sealed class FunctionLeaderboardTests(DemonstrationModel demonstration) : IClassFixture<DemonstrationModel>
{
    [SharedDataFact("bfcl/simple_python.jsonl")]
    public async Task RequiredCall_OfEachOf400Functions_HasArgumentsThatFitTheParameters()
    {
        string[] lines = await File.ReadAllLinesAsync(SharedDataFactAttribute.PathOf("bfcl/simple_python.jsonl"));
        int callCount = 0, argumentCount = 0;

        await Parallel.ForEachAsync(lines, async (line, cancellationToken) =>
        {
            JsonNode function = JsonNode.Parse(line)!["function"]![0]!;
            Translate(function["parameters"]!);
            JsonElement parameters = JsonElement.Parse(function["parameters"]!.ToJsonString());
            var constraint = ToolFormat.Json.CreateConstraint([new LlamaTool((string)function["name"]!, "", parameters)], isRequired: true);
            var options = new GenerationOptions
            {
                Constraint = constraint,
                Seed = 1,
                Temperature = 1.5f,
                MaxTokens = constraint.FindMinTokenCount(demonstration.Model.Tokenizer) + 30,
            };

            string text = (await demonstration.Model.GenerateTextAsync("Call it.", options, cancellationToken)).Text;

            List<LlamaToolCall> calls = [];
            ToolCallReader reader = ToolFormat.Json.CreateReader();
            (reader.Append(text, calls) + reader.Flush()).Should().BeEmpty();
            LlamaToolCall call = calls.Should().ContainSingle("'{0}' is a call", text).Subject;
            call.Name.Should().Be((string)function["name"]!);
            FindFault(call.Arguments, parameters).Should().BeNull("of '{0}'", text);
            Interlocked.Increment(ref callCount);
            Interlocked.Add(ref argumentCount, call.Arguments.EnumerateObject().Count());
        });

        callCount.Should().Be(400);
        argumentCount.Should().BeGreaterThan(800);
    }

    // The data names types as Python does.
    private static void Translate(JsonNode schema)
    {
        if (schema is not JsonObject members)
            return;
        switch ((string?)members["type"])
        {
            case "dict":
                members["type"] = "object";
                break;
            case "float":
                members["type"] = "number";
                break;
            case "tuple":
                members["type"] = "array";
                break;
            case "any":
                members.Remove("type");
                break;
            default:
                break;
        }

        foreach ((_, JsonNode? property) in members["properties"]?.AsObject() ?? [])
            Translate(property!);
        if (members["items"] is { } items)
            Translate(items);
    }

    // Checks a value without the library's code; supports only the keywords that occur in the data. Returns why the value does not fit, or null if it fits.
    private static string? FindFault(JsonElement value, JsonElement schema)
    {
        if (schema.TryGetProperty("enum"u8, out JsonElement choices) && !choices.EnumerateArray().Any(choice => JsonElement.DeepEquals(choice, value)))
            return $"{value} is not in {choices}";
        bool isType = !schema.TryGetProperty("type"u8, out JsonElement type) || type.GetString() switch
        {
            "object" => value.ValueKind == JsonValueKind.Object,
            "array" => value.ValueKind == JsonValueKind.Array,
            "string" => value.ValueKind == JsonValueKind.String,
            "number" => value.ValueKind == JsonValueKind.Number,
            "integer" => value.ValueKind == JsonValueKind.Number && !value.GetRawText().AsSpan().ContainsAny('.', 'e', 'E'),
            "boolean" => value.ValueKind is JsonValueKind.True or JsonValueKind.False,
            _ => false,
        };
        if (!isType)
            return $"{value} is not of the type {type}";
        if (value.ValueKind == JsonValueKind.Array && schema.TryGetProperty("items"u8, out JsonElement items))
            return value.EnumerateArray().Select(item => FindFault(item, items)).FirstOrDefault(fault => fault is not null);
        if (value.ValueKind != JsonValueKind.Object)
            return null;
        if (schema.TryGetProperty("required"u8, out JsonElement required)
            && required.EnumerateArray().FirstOrDefault(name => !value.TryGetProperty(name.GetString()!, out _)) is { ValueKind: JsonValueKind.String } missing)
            return $"{missing} is missing";
        return schema.TryGetProperty("properties"u8, out JsonElement properties)
            ? value.EnumerateObject().Select(member => properties.TryGetProperty(member.Name, out JsonElement property) ? FindFault(member.Value, property) : null).FirstOrDefault(fault => fault is not null)
            : null;
    }
}
