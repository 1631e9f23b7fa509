using System.Text.Json;
using Llama2.Chat.Tools;
using Llama2.Templating.Rendering;

namespace Llama2.Chat;

/// <summary>
/// Finds out how a chat template writes tool calls, by rendering conversations in which a tool is called: the text of a call is the part of an answer
/// that contains the tool's name and the arguments. This works for every template in which a call is a name and JSON between fixed texts, such as
/// those of Hermes 2 Pro (<c>&lt;tool_call&gt;</c>) and Functionary 3.1 (<c>&lt;function=…&gt;</c>).
/// </summary>
internal sealed class TemplateToolProbe
{
    private const string Name = "probed_function", Description = "Probed description.", Result = "probed result", Id = "probedcal";
    private static readonly LlamaTool s_tool = new(
        Name, Description, JsonElement.Parse("""{ "type": "object", "properties": { "probed_property": { "type": "string" } }, "required": ["probed_property"] }"""));

    private static readonly LlamaToolCall s_call = new(Name, JsonElement.Parse("""{ "probed_property": "probed value" }""")) { Id = Id };
    private static readonly string s_arguments = ToolJson.Write(s_call.Arguments);
    private readonly JinjaTemplate _template;
    private readonly bool _takesText;
    private readonly CancellationToken _cancellationToken;

    private TemplateToolProbe(JinjaTemplate template, bool takesText, CancellationToken cancellationToken)
    {
        _template = template;
        _takesText = takesText;
        _cancellationToken = cancellationToken;
    }

    /// <summary>Returns the template's own tool format; null if the template has none, or one that is not understood.</summary>
    /// <param name="text">The template's text.</param>
    /// <param name="template">The template.</param>
    /// <param name="cancellationToken">Ends the rendering.</param>
    /// <exception cref="OperationCanceledException">The rendering was cancelled.</exception>
    public static TemplateToolFormat? FindFormat(string text, JinjaTemplate template, CancellationToken cancellationToken)
    {
        // Most templates for Llama 2 do not support tools. They need not be rendered to find this out.
        if (!text.Contains("tools", StringComparison.Ordinal) || !text.Contains("tool_calls", StringComparison.Ordinal))
            return null;
        return new TemplateToolProbe(template, takesText: false, cancellationToken).Find() ?? new TemplateToolProbe(template, takesText: true, cancellationToken).Find();
    }

    private TemplateToolFormat? Find()
    {
        LlamaMessage question = LlamaMessage.User("question"), call = LlamaMessage.Assistant("", [s_call]);
        if (Render([question], asks: true) is not { } prompt
            || !prompt.Contains(Description, StringComparison.Ordinal)
            || Render([question, call, LlamaMessage.Tool(s_call, Result)], asks: true)?.Contains(Result, StringComparison.Ordinal) != true
            || !AnswerOf([question, LlamaMessage.Assistant("answer")], prompt).TrimStart().StartsWith("answer", StringComparison.Ordinal))
        {
            return null;
        }

        string answer = AnswerOf([question, call], prompt).TrimStart();
        int name = answer.IndexOf(Name, StringComparison.Ordinal), arguments = name < 0 ? -1 : answer.IndexOf(s_arguments, name, StringComparison.Ordinal);
        if (name <= 0 || arguments < 0 || arguments == name + Name.Length || answer.Contains(Id, StringComparison.Ordinal))
            return null;
        string beforeName = answer[..name], afterName = answer[(name + Name.Length)..arguments], after = UpToEndOfTurn(answer[(arguments + s_arguments.Length)..]);
        string twice = AnswerOf([question, LlamaMessage.Assistant("", [s_call, s_call])], prompt).TrimStart();
        return after.Length == 0 ? null : new TemplateToolFormat
        {
            BeforeName = beforeName,
            AfterName = afterName,
            After = after,
            Separator = FindSeparator(twice, beforeName + Name + afterName + s_arguments + after),
            TakesTextAsArguments = _takesText,
        };
    }

    // Returns the text between two equal calls; null if the template does not write them one after another.
    private static string? FindSeparator(string answer, string call)
    {
        int second = answer.StartsWith(call, StringComparison.Ordinal) ? answer.IndexOf(call, call.Length, StringComparison.Ordinal) : -1;
        return second < 0 ? null : answer[call.Length..second];
    }

    private static string UpToEndOfTurn(string text)
    {
        int end = text.IndexOf(TemplateProbe.EndMark);
        foreach (string tag in KnownTags.EndsOfTurn)
        {
            if (text.IndexOf(tag, StringComparison.Ordinal) is var found and >= 0 && (end < 0 || found < end))
                end = found;
        }

        return (end < 0 ? text : text[..end]).TrimEnd();
    }

    // The text of the last message, an answer, as the template renders it after the prompt. Empty if the rendered conversation does not begin with
    // the prompt.
    private string AnswerOf(LlamaMessage[] messages, string prompt) =>
        Render(messages, asks: false) is { } text && text.StartsWith(prompt, StringComparison.Ordinal) ? text[prompt.Length..] : "";

    private string? Render(LlamaMessage[] messages, bool asks) => TemplateProbe.Render(
        _template, TemplateLayout.Describe(messages, TemplateProbe.BeginMark.ToString(), TemplateProbe.EndMark.ToString(), asks, [s_tool], _takesText), _cancellationToken)?.Text;
}
