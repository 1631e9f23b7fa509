using System.Text.Json;

namespace Llama2.Tests.Chat;

/// <summary>Chat templates that models were published with, in the golden data.</summary>
internal static class PublishedTemplates
{
    public static IReadOnlyDictionary<string, PromptFormat> Read()
    {
        var formats = new Dictionary<string, PromptFormat>();
        foreach (string line in File.ReadLines(RepositoryFiles.Golden("chat", "cases.jsonl")))
        {
            using JsonDocument json = JsonDocument.Parse(line);
            string name = json.RootElement.GetProperty("name").GetString()!;
            if (!formats.ContainsKey(name))
                formats.Add(name, PromptFormat.ForTemplate(json.RootElement.GetProperty("template").GetString()!));
        }

        return formats;
    }
}
