using System.Text.Json;
using Llama2.Templating.Limits;
using Llama2.Templating.Rendering;
using Llama2.Templating.Values;

namespace Llama2.Tests.Templating;

/// <summary>Variables for templates under test.</summary>
internal static class TemplateVariables
{
    public static IReadOnlyDictionary<string, TemplateValue> None { get; } = new Dictionary<string, TemplateValue>();

    /// <summary>The members of a JSON object as variables; their strings are data.</summary>
    public static IReadOnlyDictionary<string, TemplateValue> Of(JsonElement json) =>
        json.EnumerateObject().ToDictionary(member => member.Name, member => JsonValue.Read(member.Value));

    public static IReadOnlyDictionary<string, TemplateValue> Of(string json)
    {
        using JsonDocument document = JsonDocument.Parse(json);
        return Of(document.RootElement);
    }

    public static RenderedTemplate Render(string template, string json = "{}") =>
        JinjaTemplate.Parse(template).Render(Of(json), TemplateLimits.Default);

    /// <summary>The text with its data in guillemets.</summary>
    public static string RenderMarked(string template, string json)
    {
        RenderedTemplate rendered = Render(template, json);
        rendered.Runs.Sum(run => run.Length).Should().Be(rendered.Text.Length);
        return string.Concat(rendered.Runs.Select(run => run.IsData ? $"«{rendered.Text.Substring(run.Start, run.Length)}»" : rendered.Text.Substring(run.Start, run.Length)));
    }
}
