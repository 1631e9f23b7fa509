using Llama2.Templating;

namespace Llama2.Chat;

/// <summary>
/// What a chat template renders. Messages' contents are data; all else, the names of roles among it, is scaffolding, in which the template's
/// <c>bos_token</c> and <c>eos_token</c> become tokens.
/// </summary>
/// <param name="template">The template.</param>
/// <param name="generationPrompt">What it writes after a question to introduce an answer, as <see cref="TemplateProbe"/> found it.</param>
internal sealed class TemplateLayout(JinjaTemplate template, string? generationPrompt) : IPromptLayout
{
    private static readonly TextValue s_role = TextValue.Own("role"), s_content = TextValue.Own("content");

    /// <summary>The variables that a template is given for a conversation.</summary>
    public static Dictionary<string, TemplateValue> Describe(IReadOnlyList<LlamaMessage> messages, string begin, string end, bool addGenerationPrompt) => new()
    {
        ["messages"] = new ListValue([.. messages.Select(Describe)]),
        ["add_generation_prompt"] = BooleanValue.Of(addGenerationPrompt),
        ["bos_token"] = TextValue.Own(begin),
        ["eos_token"] = TextValue.Own(end),
    };

    public IReadOnlyList<LlamaMessage> Arrange(IReadOnlyList<LlamaMessage> messages, LlamaTokenizer tokenizer, PromptEnd end, CancellationToken cancellationToken)
    {
        IReadOnlyList<LlamaMessage> turns = TurnOrder.Arrange(messages);
        IReadOnlyList<LlamaMessage>? accepted = null;
        foreach (IReadOnlyList<LlamaMessage> order in (IReadOnlyList<LlamaMessage>[])[messages.Count == 0 ? turns : messages, turns, TurnOrder.MergeSystem(turns)])
        {
            if (TryRender(order, tokenizer, end, cancellationToken) is not { } rendered)
                continue;
            if (CountText(rendered) >= CountText(order))
                return order;
            accepted ??= order;
        }

        // A template may leave out text on purpose. If it refuses every order, writing the turns throws its refusal.
        return accepted ?? turns;
    }

    public void Write(PromptWriter writer, IReadOnlyList<LlamaMessage> messages, PromptEnd end)
    {
        LlamaTokenizer tokenizer = writer.Tokenizer;
        string beginText = TextOf(tokenizer, tokenizer.BeginOfSequenceId), endText = TextOf(tokenizer, tokenizer.EndOfSequenceId);
        RenderedTemplate rendered = Render(messages, tokenizer, end, writer.CancellationToken);
        if (CountText(rendered) == 0 && CountText(messages) > 0)
        {
            throw new PromptFormatException(
                "The chat template writes no text of these messages into the prompt: most templates write a system message together with the user's message that follows it. Add a message that the template writes, or use one of the presets.");
        }

        string? introduction = generationPrompt?.Replace($"{TemplateProbe.BeginMark}", beginText, StringComparison.Ordinal).Replace($"{TemplateProbe.EndMark}", endText, StringComparison.Ordinal);

        writer.Guard(TemplateTags.FindInScaffolding(TemplateProbe.ScaffoldingOf(rendered)));
        if (rendered.Runs is not [{ IsData: false }, ..] || !rendered.Text.StartsWith(beginText, StringComparison.Ordinal))
            writer.WriteBegin();
        Queue<int>? indices = MessagesOfRuns(rendered, messages);
        int last = -1; // the message that was written last, if that is known
        ReadOnlySpan<char> before = [];
        RenderedRun lastText = rendered.Runs.LastOrDefault(run => IsText(rendered, run));
        foreach (RenderedRun run in rendered.Runs)
        {
            ReadOnlySpan<char> text = rendered.Text.AsSpan(run.Start, run.Length);
            if (!run.IsData)
            {
                before = text;
                continue;
            }

            int index = IsBlank(text) || indices is null ? -1 : indices.Dequeue();
            WriteScaffolding(writer, before, introduction, index >= 0 && messages[index].Role == LlamaRole.Assistant ? index : FindEmptyAnswer(messages, last, before, introduction));
            last = index;
            writer.WriteData(text, index, index < 0 ? 0 : messages[index].Content.AsSpan().IndexOf(text));
            before = [];
            if (end == PromptEnd.OpenAnswer && run == lastText)
                return;
        }

        WriteScaffolding(writer, before, introduction, FindEmptyAnswer(messages, last, before, introduction));
    }

    // An answer without text leaves no data that shows its place. It begins after the text that introduces it, which follows the previous message.
    private static int FindEmptyAnswer(IReadOnlyList<LlamaMessage> messages, int last, ReadOnlySpan<char> scaffolding, string? introduction)
    {
        int next = last + 1;
        return last >= 0 && next < messages.Count && messages[next].Role == LlamaRole.Assistant && IsBlank(messages[next].Content)
            && introduction is not null && scaffolding.StartsWith(introduction, StringComparison.Ordinal)
            ? next
            : -1;
    }

    // Null if the template refuses the messages. An exceeded limit is thrown, because it does not depend on their order.
    private RenderedTemplate? TryRender(IReadOnlyList<LlamaMessage> messages, LlamaTokenizer tokenizer, PromptEnd end, CancellationToken cancellationToken)
    {
        try
        {
            return Render(messages, tokenizer, end, cancellationToken);
        }
        catch (PromptTemplateException exception) when (exception.Limit.Length == 0)
        {
            return null;
        }
    }

    private RenderedTemplate Render(IReadOnlyList<LlamaMessage> messages, LlamaTokenizer tokenizer, PromptEnd end, CancellationToken cancellationToken) => template.Render(
        Describe(messages, TextOf(tokenizer, tokenizer.BeginOfSequenceId), TextOf(tokenizer, tokenizer.EndOfSequenceId), end == PromptEnd.GenerationPrompt),
        TemplateLimits.Default,
        cancellationToken);

    // Characters of messages, without white space, which templates strip.
    private static long CountText(RenderedTemplate rendered) =>
        rendered.Runs.Where(run => run.IsData).Sum(run => CountText(rendered.Text.AsSpan(run.Start, run.Length)));

    private static long CountText(IReadOnlyList<LlamaMessage> messages) => messages.Sum(message => CountText(message.Content));

    private static long CountText(ReadOnlySpan<char> text)
    {
        long count = 0;
        foreach (char character in text)
            count += PythonSpace.Is(character) ? 0 : 1;
        return count;
    }

    // The scaffolding before a message. Before an answer, the text that introduces it belongs to its prompt, and the rest to the answer.
    private static void WriteScaffolding(PromptWriter writer, ReadOnlySpan<char> text, string? introduction, int answerIndex)
    {
        if (answerIndex < 0)
        {
            writer.WriteScaffolding(text);
            return;
        }

        int promptLength = FindPromptEnd(text, introduction);
        writer.WriteScaffolding(text[..promptLength]);
        writer.BeginAnswer(answerIndex);
        writer.WriteScaffolding(text[promptLength..]);
    }

    // The end of the text that introduces an answer. It follows the question's text or, if that is empty, what comes before the question. A template that
    // introduces earlier answers differently than a new one leaves the white space before the text to generation.
    private static int FindPromptEnd(ReadOnlySpan<char> text, string? introduction)
    {
        int start = introduction is null ? -1
            : text.StartsWith(introduction, StringComparison.Ordinal) ? 0
            : string.IsNullOrWhiteSpace(introduction) ? -1
            : text.LastIndexOf(introduction, StringComparison.Ordinal);
        return start >= 0 ? start + introduction!.Length : PythonWhitespace.TrimEnd(text).Length;
    }

    // The message of each run of data that is not blank, in order; null if the template does not write the messages' texts one after another.
    private static Queue<int>? MessagesOfRuns(RenderedTemplate rendered, IReadOnlyList<LlamaMessage> messages)
    {
        RenderedRun[] runs = [.. rendered.Runs.Where(run => IsText(rendered, run))];
        int[] indices = [.. Enumerable.Range(0, messages.Count).Where(index => !IsBlank(messages[index].Content))];
        bool isInOrder = runs.Length == indices.Length
            && runs.Zip(indices).All(pair => messages[pair.Second].Content.AsSpan().IndexOf(rendered.Text.AsSpan(pair.First.Start, pair.First.Length)) >= 0);
        return isInOrder ? new Queue<int>(indices) : null;
    }

    private static bool IsText(RenderedTemplate rendered, RenderedRun run) => run.IsData && !IsBlank(rendered.Text.AsSpan(run.Start, run.Length));

    private static bool IsBlank(ReadOnlySpan<char> text) => PythonWhitespace.TrimEnd(text).IsEmpty;

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
}
