using System.Text;
using Llama2.Templating.Limits;
using Llama2.Templating.Rendering;
using Llama2.Templating.Values;

namespace Llama2.Chat;

/// <summary>
/// Properties of a chat template that are found by rendering short conversations: the scaffolding that the template writes around messages of each role, and
/// the text that introduces an answer.
/// </summary>
internal sealed class TemplateProbe
{
    /// <summary>
    /// A placeholder for the text of the begin-of-sequence token, which differs between vocabularies: a character from Unicode's private use area.
    /// </summary>
    public const char BeginMark = '\uE000';

    /// <summary>A placeholder for the text of the end-of-sequence token.</summary>
    public const char EndMark = '\uE001';

    // Templates in use need less than a thousand steps for a conversation of a few words.
    private static readonly TemplateLimits s_limits = TemplateLimits.Default with { MaxStepCount = 50_000, MaxTextLength = 100_000, MaxRangeLength = 10_000 };

    // The test conversations, by the initials of the roles: a question, a question with a system message, and both with a second turn.
    private static readonly string[] s_questions = ["U", "SU", "UAU", "SUAU"], s_answers = ["UA", "SUA", "UAUA", "SUAUA"];

    private TemplateProbe(string? generationPrompt, string scaffolding)
    {
        GenerationPrompt = generationPrompt;
        Scaffolding = scaffolding;
    }

    /// <summary>The text that follows a question if an answer is to be generated; null if the template cannot render a question.</summary>
    public string? GenerationPrompt { get; }

    /// <summary>All scaffolding, with a NUL for each text of a message.</summary>
    public string Scaffolding { get; }

    /// <summary>Renders the test conversations with a template. Conversations that the template refuses are skipped.</summary>
    /// <param name="template">The template.</param>
    /// <param name="cancellationToken">Ends the rendering.</param>
    /// <exception cref="OperationCanceledException">The rendering was cancelled.</exception>
    public static TemplateProbe Create(JinjaTemplate template, CancellationToken cancellationToken)
    {
        string? generationPrompt = null;
        var scaffolding = new StringBuilder();
        foreach ((string roles, bool asks) in s_questions.Select(roles => (roles, true)).Concat(s_answers.Select(roles => (roles, false))))
        {
            if (Render(template, roles, asks, cancellationToken) is not { } rendered)
                continue;
            scaffolding.Append(ScaffoldingOf(rendered));
            if (asks)
                generationPrompt ??= rendered.Runs is [.., { IsData: false } last] ? rendered.Text.Substring(last.Start, last.Length) : "";
        }

        return new TemplateProbe(generationPrompt, scaffolding.ToString());
    }

    /// <summary>The template's own text, with a NUL for each run of data.</summary>
    public static string ScaffoldingOf(RenderedTemplate rendered)
    {
        var text = new StringBuilder();
        foreach (RenderedRun run in rendered.Runs)
        {
            if (run.IsData)
                text.Append('\0');
            else
                text.Append(rendered.Text, run.Start, run.Length);
        }

        return text.Append('\0').ToString();
    }

    /// <summary>Renders a short test conversation; returns null if the template refuses the conversation.</summary>
    /// <param name="template">The template.</param>
    /// <param name="variables">The template's variables.</param>
    /// <param name="cancellationToken">Ends the rendering.</param>
    public static RenderedTemplate? Render(JinjaTemplate template, Dictionary<string, TemplateValue> variables, CancellationToken cancellationToken)
    {
        try
        {
            return template.Render(variables, s_limits, cancellationToken);
        }
        catch (PromptTemplateException)
        {
            return null;
        }
    }

    private static RenderedTemplate? Render(JinjaTemplate template, string roles, bool addGenerationPrompt, CancellationToken cancellationToken)
    {
        LlamaMessage[] messages = [.. roles.Select(role => new LlamaMessage(role == 'S' ? LlamaRole.System : role == 'U' ? LlamaRole.User : LlamaRole.Assistant, "text"))];
        return Render(template, TemplateLayout.Describe(messages, BeginMark.ToString(), EndMark.ToString(), addGenerationPrompt), cancellationToken);
    }
}
