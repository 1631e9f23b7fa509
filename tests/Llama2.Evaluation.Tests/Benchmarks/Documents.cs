using System.Text.Json;

namespace Llama2.Evaluation.Tests.Benchmarks;

/// <summary>Documents of tests.</summary>
internal static class Documents
{
    /// <summary>Documents from JSON objects.</summary>
    public static IReadOnlyList<JsonElement> Parse(params string[] documents) => [.. documents.Select(document => JsonSerializer.Deserialize<JsonElement>(document))];
}
