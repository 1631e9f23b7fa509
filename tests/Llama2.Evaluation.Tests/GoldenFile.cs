using System.Text.Json;
using Llama2.Tests;

namespace Llama2.Evaluation.Tests;

/// <summary>Values that a script under tests/Reference computed.</summary>
internal static class GoldenFile
{
    public static JsonElement Read(string name) => JsonElement.Parse(File.ReadAllBytes(RepositoryFiles.Committed("tests", "data", "evaluation", name)));

    public static string[] Texts(JsonElement list) => [.. list.EnumerateArray().Select(item => item.GetString()!)];
}
