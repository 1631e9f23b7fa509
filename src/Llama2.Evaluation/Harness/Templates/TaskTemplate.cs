using System.Text.Json;
using Llama2.Evaluation.Harness.Yaml;
using Llama2.Templating.Limits;
using Llama2.Templating.Rendering;

namespace Llama2.Evaluation.Harness.Templates;

/// <summary>A template of a task file, which may also be the name of a field. Immutable and thread-safe.</summary>
internal sealed class TaskTemplate
{
    private static readonly TemplateLimits s_limits = TemplateLimits.Default;
    private readonly YamlValue _value;
    private readonly string _key;
    private readonly JinjaTemplate _template;

    private TaskTemplate(YamlValue value, string key, JinjaTemplate template) => (_value, _key, _template) = (value, key, template);

    /// <summary>The template's text.</summary>
    public string Source => _value.Text;

    /// <summary>Reads a template.</summary>
    /// <param name="value">The text in the task file.</param>
    /// <param name="key">Its key.</param>
    /// <exception cref="HarnessTaskException">The template is malformed or too long.</exception>
    public static TaskTemplate Parse(YamlValue value, string key)
    {
        try
        {
            return new TaskTemplate(value, key, JinjaTemplate.Parse(value.Text, HarnessDialect.Instance));
        }
        catch (PromptTemplateException exception)
        {
            throw Fault(value, key, exception);
        }
    }

    /// <summary>Renders the template with the fields of a document.</summary>
    /// <exception cref="HarnessTaskException">The template uses a field that the document lacks, exceeds a limit, or cannot be rendered.</exception>
    public string Render(JsonElement document)
    {
        try
        {
            return _template.Render(new DocumentVariables(document), s_limits).Text;
        }
        catch (PromptTemplateException exception)
        {
            throw Fault(_value, _key, exception);
        }
        catch (EvaluationDataException exception)
        {
            throw _value.Fault(_key, exception.Message.TrimEnd('.'), exception);
        }
    }

    /// <summary>The field that the text names, or what the template renders (the harness' <c>resolve_field</c>).</summary>
    public string Resolve(JsonElement document)
        => document.TryGetProperty(Source, out JsonElement field) && field.ValueKind == JsonValueKind.String ? field.GetString()! : Render(document);

    /// <summary>Creates the exception for a fault of the template.</summary>
    public HarnessTaskException Fault(string what) => _value.Fault(_key, what);

    private static HarnessTaskException Fault(YamlValue value, string key, PromptTemplateException exception)
    {
        string place = exception.Line is { } line ? $"the template, line {line}, column {exception.Column}: " : "";
        string limit = exception.Limit.Length > 0 ? $"; {exception.Limit}" : "", remedy = exception.Remedy.Length > 0 ? $": {exception.Remedy}" : "";
        return value.Fault(key, $"{place}{exception.What}{limit}{remedy}", exception);
    }
}
