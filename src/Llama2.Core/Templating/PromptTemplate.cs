using System.Text.Json;
using Llama2.Templating.Limits;
using Llama2.Templating.Rendering;
using Llama2.Templating.Values;

namespace Llama2;

/// <summary>
/// A chat template such as Hugging Face's <c>tokenizer.chat_template</c>: a template in the language Jinja, as the package transformers configures it.
/// An interpreter renders the template within limits on time and memory, without access to any objects of the application. Immutable and thread-safe.
/// </summary>
public sealed class PromptTemplate
{
    private readonly JinjaTemplate _template;

    private PromptTemplate(JinjaTemplate template) => _template = template;

    /// <summary>Reads a template.</summary>
    /// <param name="source">The template's text, at most 1,048,576 UTF-16 characters.</param>
    /// <exception cref="PromptTemplateException">The template is malformed, too long, nested more than 64 deep, or uses an unknown feature.</exception>
    public static PromptTemplate Parse(string source)
    {
        ArgumentNullException.ThrowIfNull(source);
        return new PromptTemplate(JinjaTemplate.Parse(source));
    }

    /// <summary>
    /// Renders a conversation. Every string and number in <paramref name="messages"/> and <paramref name="tools"/> is data: it comes from the
    /// conversation, and must never be read as control tokens.
    /// </summary>
    /// <param name="messages">An array of messages, usually objects with <c>role</c> and <c>content</c>; passed to the template unchanged.</param>
    /// <param name="beginOfSequence">The template's <c>bos_token</c>; undefined in the template if null.</param>
    /// <param name="endOfSequence">The template's <c>eos_token</c>; undefined in the template if null.</param>
    /// <param name="addGenerationPrompt">Whether the text is to end where the assistant's next message begins.</param>
    /// <param name="tools">The template's <c>tools</c>; undefined in the template if null.</param>
    /// <param name="cancellationToken">Cancels the rendering.</param>
    /// <exception cref="PromptTemplateException">The template refuses the conversation or exceeds a limit: 1,000,000 steps or characters,
    /// ranges of 100,000 items, 64 levels of nested calls and values, or 10 seconds.</exception>
    /// <exception cref="OperationCanceledException">The rendering was cancelled.</exception>
    public RenderedTemplate Render(
        JsonElement messages,
        string? beginOfSequence,
        string? endOfSequence,
        bool addGenerationPrompt,
        JsonElement tools = default,
        CancellationToken cancellationToken = default)
    {
        var variables = new Dictionary<string, TemplateValue>
        {
            ["messages"] = JsonValue.Read(messages),
            ["add_generation_prompt"] = BooleanValue.Of(addGenerationPrompt),
        };
        if (beginOfSequence is not null)
            variables.Add("bos_token", TextValue.Own(beginOfSequence));
        if (endOfSequence is not null)
            variables.Add("eos_token", TextValue.Own(endOfSequence));
        if (tools.ValueKind != JsonValueKind.Undefined)
            variables.Add("tools", JsonValue.Read(tools));
        return _template.Render(variables, TemplateLimits.Default, cancellationToken);
    }
}
