using System.Text;
using Llama2.Templating;

namespace Llama2.Chat;

/// <summary>
/// What a chat template renders. Messages' contents are data; all else, the names of roles among it, is scaffolding, in which the template's
/// <c>bos_token</c> and <c>eos_token</c> become tokens.
/// </summary>
internal sealed class TemplateLayout(JinjaTemplate template) : IPromptLayout
{
    private static readonly TextValue s_role = TextValue.Own("role"), s_content = TextValue.Own("content");

    public void Write(PromptWriter writer, IReadOnlyList<LlamaMessage> messages, bool addGenerationPrompt)
    {
        LlamaTokenizer tokenizer = writer.Tokenizer;
        string begin = TextOf(tokenizer, tokenizer.BeginOfSequenceId);
        RenderedTemplate rendered = template.Render(
            new Dictionary<string, TemplateValue>
            {
                ["messages"] = new ListValue([.. messages.Select(Describe)]),
                ["add_generation_prompt"] = BooleanValue.Of(addGenerationPrompt),
                ["bos_token"] = TextValue.Own(begin),
                ["eos_token"] = TextValue.Own(TextOf(tokenizer, tokenizer.EndOfSequenceId)),
            },
            TemplateLimits.Default);

        writer.Guard(TemplateTags.Find(Scaffolding(rendered)));
        if (rendered.Runs is not [{ IsData: false }, ..] || !rendered.Text.StartsWith(begin, StringComparison.Ordinal))
            writer.WriteBegin();
        foreach (RenderedRun run in rendered.Runs)
        {
            ReadOnlySpan<char> text = rendered.Text.AsSpan(run.Start, run.Length);
            if (run.IsData)
                writer.WriteData(text, messageIndex: -1);
            else
                writer.WriteScaffolding(text);
        }
    }

    private static string TextOf(LlamaTokenizer tokenizer, int id) => id < 0 ? "" : tokenizer.TokenText(id);

    private static DictionaryValue Describe(LlamaMessage message) => new(
    [
        new(s_role, TextValue.Own(message.Role switch
        {
            LlamaRole.System => "system",
            LlamaRole.User => "user",
            _ => "assistant",
        })),
        new(s_content, TextValue.OfData(message.Content)),
    ]);

    private static string Scaffolding(RenderedTemplate rendered)
    {
        var text = new StringBuilder();
        foreach (RenderedRun run in rendered.Runs.Where(run => !run.IsData))
            text.Append(rendered.Text, run.Start, run.Length).Append('\0');
        return text.ToString();
    }
}
