using System.Text.Json;
using System.Text.Json.Nodes;
using Json.Schema;
using Llama2.Server.Description;

namespace Llama2.Server.Tests.Description;

/// <summary>The schemas of the description, to check answers with.</summary>
internal static class DescribedSchemas
{
    private const string Location = "#/components/schemas/";
    private static readonly JsonNode s_document = ReadAll();

    /// <summary>The JSON of the description.</summary>
    public static JsonNode Document => s_document;

    /// <summary>The paths and methods of a description, such as <c>GET /health</c>.</summary>
    public static IEnumerable<string> OperationsOf(string description) =>
        from path in JsonNode.Parse(description)!["paths"]!.AsObject()
        from operation in path.Value!.AsObject()
        select $"{operation.Key.ToUpperInvariant()} {path.Key}";

    /// <summary>The schema of an answer.</summary>
    /// <param name="path">The path, as in the description.</param>
    /// <param name="method">The method, in lower case.</param>
    /// <param name="status">The status.</param>
    /// <param name="mediaType">The media type of the body.</param>
    public static JsonSchema Of(string path, string method, int status, string mediaType = "application/json")
    {
        JsonNode? response = s_document["paths"]![path]?[method]?["responses"]?[$"{status}"];
        response.Should().NotBeNull($"{method} {path} has the status {status}");
        if (response!["$ref"] is { } reference)
            response = s_document["components"]!["responses"]![reference.GetValue<string>().Split('/')[^1]]!;
        return Compile(response["content"]![mediaType]!["schema"]!);
    }

    /// <summary>A schema by its name.</summary>
    public static JsonSchema Named(string name) => Compile(new JsonObject { ["$ref"] = Location + name });

    /// <summary>Checks that an answer fits its schema.</summary>
    public static void ShouldFit(JsonElement answer, JsonSchema schema)
    {
        EvaluationResults results = schema.Evaluate(answer, new EvaluationOptions { OutputFormat = OutputFormat.List });
        string faults = string.Join("\n", (results.Details ?? []).Where(detail => detail.Errors is { Count: > 0 }).Select(detail => $"{detail.InstanceLocation}: {string.Join(", ", detail.Errors!.Values)}"));
        results.IsValid.Should().BeTrue($"{answer} does not fit:\n{faults}");
    }

    private static JsonNode ReadAll()
    {
        using JsonDocument document = ApiDescription.ReadAll();
        return JsonNode.Parse(document.RootElement.GetRawText())!;
    }

    // The validator looks for named schemas in the schema itself.
    private static JsonSchema Compile(JsonNode schema)
    {
        JsonObject whole = schema.DeepClone().AsObject();
        whole["$defs"] = s_document["components"]!["schemas"]!.DeepClone();
        return JsonSchema.FromText(
            whole.ToJsonString().Replace(Location, "#/$defs/", StringComparison.Ordinal), new BuildOptions { SchemaRegistry = new SchemaRegistry() });
    }
}
