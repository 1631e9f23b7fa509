namespace Llama2.Extensions.Tests;

/// <summary>Texts of calls, as models write them.</summary>
internal static class ToolTexts
{
    public static string Call(string name, string arguments = "{}") => $"<tool_call>\n{{\"name\": \"{name}\", \"arguments\": {arguments}}}\n</tool_call>";
}
