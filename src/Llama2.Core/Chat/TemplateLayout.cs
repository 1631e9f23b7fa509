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
        Queue<int> indices = MessagesOfRuns(rendered, messages);
        foreach (RenderedRun run in rendered.Runs)
        {
            ReadOnlySpan<char> text = rendered.Text.AsSpan(run.Start, run.Length);
            if (!run.IsData)
                writer.WriteScaffolding(text);
            else if (PythonWhitespace.TrimEnd(text).IsEmpty || !indices.TryDequeue(out int index))
                writer.WriteData(text, messageIndex: -1);
            else
                writer.WriteData(text, index, messages[index].Content.AsSpan().IndexOf(text));
        }
    }

    // The message of each run of data that is not blank, in order; none if the template does not write the messages' texts one after another.
    private static Queue<int> MessagesOfRuns(RenderedTemplate rendered, IReadOnlyList<LlamaMessage> messages)
    {
        RenderedRun[] runs = [.. rendered.Runs.Where(run => run.IsData && !PythonWhitespace.TrimEnd(rendered.Text.AsSpan(run.Start, run.Length)).IsEmpty)];
        int[] indices = [.. Enumerable.Range(0, messages.Count).Where(index => !PythonWhitespace.TrimEnd(messages[index].Content).IsEmpty)];
        bool isInOrder = runs.Length == indices.Length
            && runs.Zip(indices).All(pair => messages[pair.Second].Content.AsSpan().IndexOf(rendered.Text.AsSpan(pair.First.Start, pair.First.Length)) >= 0);
        return new Queue<int>(isInOrder ? indices : []);
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
