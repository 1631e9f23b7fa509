using Llama2.Chat.Tools;
using Llama2.Templating.Characters;
using Llama2.Templating.Limits;
using Llama2.Templating.Rendering;
using Llama2.Templating.Values;

namespace Llama2.Chat;

/// <summary>
/// The layout of a chat template. The contents of messages are data; all other text, including the names of roles, is scaffolding, in which the
/// template's <c>bos_token</c> and <c>eos_token</c> become tokens.
/// </summary>
/// <param name="template">The template.</param>
/// <param name="generationPrompt">The text that the template writes after a question to introduce an answer, as found by <see cref="TemplateProbe"/>.</param>
internal sealed class TemplateLayout(JinjaTemplate template, string? generationPrompt) : IPromptLayout
{
    private static readonly TextValue s_role = TextValue.Own("role"), s_content = TextValue.Own("content"), s_calls = TextValue.Own("tool_calls"),
        s_name = TextValue.Own("name"), s_callId = TextValue.Own("tool_call_id");

    /// <summary>The tool format in which the template announces the tools; null if there are no tools.</summary>
    private TemplateToolFormat? ToolFormat { get; init; }

    /// <summary>The tools that the template is to announce.</summary>
    private IReadOnlyList<LlamaTool> Tools { get; init; } = [];

    /// <summary>The variables that a template receives for a conversation.</summary>
    /// <param name="messages">The messages.</param>
    /// <param name="begin">The text of the begin-of-sequence token.</param>
    /// <param name="end">The text of the end-of-sequence token.</param>
    /// <param name="addGenerationPrompt">Whether the prompt ends with the introduction of an answer.</param>
    /// <param name="tools">The tools; null or an empty list for a template that does not support tools.</param>
    /// <param name="takesText">Whether the template expects the arguments of calls as JSON text instead of as a value.</param>
    public static Dictionary<string, TemplateValue> Describe(
        IReadOnlyList<LlamaMessage> messages, string begin, string end, bool addGenerationPrompt, IReadOnlyList<LlamaTool>? tools = null, bool takesText = false)
    {
        Dictionary<string, TemplateValue> variables = new()
        {
            ["messages"] = new ListValue([.. messages.Select(message => Describe(message, takesText))]),
            ["add_generation_prompt"] = BooleanValue.Of(addGenerationPrompt),
            ["bos_token"] = TextValue.Own(begin),
            ["eos_token"] = TextValue.Own(end),
        };
        if (tools?.Count > 0)
            variables["tools"] = TemplateToolFormat.Describe(tools);
        return variables;
    }

    /// <summary>The layout of a conversation in which the template announces tools.</summary>
    public TemplateLayout With(IReadOnlyList<LlamaTool> tools, TemplateToolFormat format) => new(template, generationPrompt) { ToolFormat = format, Tools = tools };

    public IReadOnlyList<LlamaMessage> Arrange(IReadOnlyList<LlamaMessage> messages, ModelTokenizer tokenizer, PromptEnd end, CancellationToken cancellationToken)
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

        // A template may omit text on purpose, so the first order that the template accepted is used. If the template refuses every order, the turns
        // are returned, and the method Write then throws the exception with which the template refuses them.
        return accepted ?? turns;
    }

    public void Write(PromptWriter writer, IReadOnlyList<LlamaMessage> messages, PromptEnd end, CancellationToken cancellationToken)
    {
        ModelTokenizer tokenizer = writer.Tokenizer;
        string beginText = TextOf(tokenizer, tokenizer.BeginOfSequenceId), endText = TextOf(tokenizer, tokenizer.EndOfSequenceId);
        var clock = new StoppedClock();
        RenderedTemplate rendered = Render(messages, tokenizer, end, clock, cancellationToken);
        if (CountText(rendered) == 0 && CountText(messages) > 0)
        {
            throw new PromptFormatException(
                "The chat template writes no text of these messages into the prompt: most templates write a system message together with the user's message that follows it. Add a message that the template writes, or use one of the presets.");
        }

        string? introduction = generationPrompt?.Replace($"{TemplateProbe.BeginMark}", beginText, StringComparison.Ordinal).Replace($"{TemplateProbe.EndMark}", endText, StringComparison.Ordinal);

        var prompts = new AnswerPrompts(
            rendered, introduction, beginText, clock, count => Render([.. messages.Take(count)], tokenizer, PromptEnd.GenerationPrompt, clock, cancellationToken));
        if (writer.LearnsAnswers)
            writer.Prompts = prompts;
        writer.Guard(TemplateTags.FindInScaffolding(TemplateProbe.ScaffoldingOf(rendered)));
        if (rendered.Runs is not [{ IsData: false }, ..] || !rendered.Text.StartsWith(beginText, StringComparison.Ordinal))
            writer.WriteBegin();
        Queue<int>? indices = MessagesOfRuns(rendered, messages);
        int last = -1; // the message that was written last, if that is known
        var before = new RenderedRun(0, 0, IsData: false);
        RenderedRun lastText = rendered.Runs.LastOrDefault(run => IsText(rendered, run));
        foreach (RenderedRun run in rendered.Runs)
        {
            if (!run.IsData)
            {
                before = run;
                continue;
            }

            ReadOnlySpan<char> text = TextOf(rendered, run);
            int index = PythonSpace.IsBlank(text) || indices is null ? -1 : indices.Dequeue();
            WriteBefore(index);
            last = index;
            writer.WriteData(text, index, index < 0 ? 0 : messages[index].Content.AsSpan().IndexOf(text));
            before = new RenderedRun(run.Start + run.Length, 0, IsData: false);
            if (end == PromptEnd.OpenAnswer && run == lastText)
                return;
        }

        WriteBefore(messages.Count);

        // Writes the scaffolding before a message; index -1 means an unknown message. If the message is an answer, the text that introduces the answer belongs
        // to the prompt for this answer, and the rest of the scaffolding belongs to the answer.
        void WriteBefore(int index)
        {
            ReadOnlySpan<char> scaffolding = TextOf(rendered, before);
            int written = 0;
            foreach (AnswerMark answer in FindAnswers(messages, last, index, scaffolding, introduction))
            {
                writer.Prompts?.Add(answer.MessageIndex, before.Start + answer.Position, before.Start + before.Length);
                writer.WriteScaffolding(scaffolding[written..answer.Position]);
                writer.BeginAnswer(answer.MessageIndex);
                written = answer.Position;
            }

            writer.WriteScaffolding(scaffolding[written..]);
        }
    }

    // Finds where answers begin in the scaffolding between the texts of two messages; an index of -1 means an unknown message. The second message may
    // be an answer. Messages between these two have no text. An empty answer among them leaves no data that marks its place, so it begins after the
    // text that introduces answers.
    private static List<AnswerMark> FindAnswers(IReadOnlyList<LlamaMessage> messages, int previous, int next, ReadOnlySpan<char> scaffolding, string? introduction)
    {
        List<AnswerMark> answers = [];
        bool isAnswer = next >= 0 && next < messages.Count && messages[next].Role == LlamaRole.Assistant;
        int promptLength = isAnswer ? FindPromptEnd(scaffolding, introduction, previous >= 0 && next == previous + 1) : scaffolding.Length;
        int end = Math.Max(0, isAnswer ? promptLength - (introduction?.Length ?? 0) : promptLength), start = 0;
        for (int i = previous + 1; previous >= 0 && introduction is not null && i < messages.Count && i != next && PythonSpace.IsBlank(messages[i].Content); i++)
        {
            if (messages[i].Role != LlamaRole.Assistant)
                continue;
            int found = scaffolding[start..end].IndexOf(introduction, StringComparison.Ordinal);
            if (found < 0)
                break;
            start += found + introduction.Length;
            answers.Add(new AnswerMark(start, i));
        }

        if (isAnswer)
            answers.Add(new AnswerMark(promptLength, next));
        return answers;
    }

    // Null if the template refuses the messages. If a limit is exceeded, the exception is thrown, because another order would exceed the limit too.
    private RenderedTemplate? TryRender(IReadOnlyList<LlamaMessage> messages, ModelTokenizer tokenizer, PromptEnd end, CancellationToken cancellationToken)
    {
        try
        {
            return Render(messages, tokenizer, end, TimeProvider.System, cancellationToken);
        }
        catch (PromptTemplateException exception) when (exception.Limit.Length == 0)
        {
            return null;
        }
    }

    private RenderedTemplate Render(IReadOnlyList<LlamaMessage> messages, ModelTokenizer tokenizer, PromptEnd end, TimeProvider clock, CancellationToken cancellationToken) => template.Render(
        Describe(
            messages, TextOf(tokenizer, tokenizer.BeginOfSequenceId), TextOf(tokenizer, tokenizer.EndOfSequenceId), end == PromptEnd.GenerationPrompt,
            Tools, ToolFormat?.TakesTextAsArguments == true),
        TemplateLimits.Default,
        clock,
        cancellationToken);

    // The number of characters that come from messages. White space is not counted, because templates strip it.
    private static long CountText(RenderedTemplate rendered) =>
        rendered.Runs.Where(run => run.IsData).Sum(run => CountText(TextOf(rendered, run)));

    private static long CountText(IReadOnlyList<LlamaMessage> messages) => messages.Sum(message => CountText(message.Content));

    private static long CountText(ReadOnlySpan<char> text)
    {
        long count = 0;
        foreach (char character in text)
            count += PythonSpace.Is(character) ? 0 : 1;
        return count;
    }

    // The end of the text that introduces an answer. This text follows the question's text or, if the question is empty, the text before the
    // question. If a template introduces earlier answers differently from a new one, white space before the answer's text belongs to the answer,
    // except the white space with which the introduction ends.
    private static int FindPromptEnd(ReadOnlySpan<char> text, string? introduction, bool followsText)
    {
        if (introduction is null)
            return PythonSpace.TrimEnd(text).Length;
        ReadOnlySpan<char> trimmed = PythonSpace.TrimEnd(introduction);
        bool isStart = text.StartsWith(introduction, StringComparison.Ordinal);
        int start = isStart && (followsText || trimmed.IsEmpty) ? 0
            : trimmed.IsEmpty ? -1
            : text.LastIndexOf(introduction, StringComparison.Ordinal);
        if (start >= 0)
            return start + introduction.Length;
        int end = PythonSpace.TrimEnd(text).Length;
        ReadOnlySpan<char> space = introduction.AsSpan(trimmed.Length);
        return text[end..].StartsWith(space, StringComparison.Ordinal) ? end + space.Length : end;
    }

    // The message index of each run of data that is not blank, in order; null if the template does not write the messages' texts one after another.
    private static Queue<int>? MessagesOfRuns(RenderedTemplate rendered, IReadOnlyList<LlamaMessage> messages)
    {
        RenderedRun[] runs = [.. rendered.Runs.Where(run => IsText(rendered, run))];
        int[] indices = [.. Enumerable.Range(0, messages.Count).Where(index => !PythonSpace.IsBlank(messages[index].Content))];
        bool isInOrder = runs.Length == indices.Length
            && runs.Zip(indices).All(pair => messages[pair.Second].Content.AsSpan().IndexOf(rendered.Text.AsSpan(pair.First.Start, pair.First.Length)) >= 0);
        return isInOrder ? new Queue<int>(indices) : null;
    }

    private static ReadOnlySpan<char> TextOf(RenderedTemplate rendered, RenderedRun run) => rendered.Text.AsSpan(run.Start, run.Length);

    private static bool IsText(RenderedTemplate rendered, RenderedRun run) => run.IsData && !PythonSpace.IsBlank(TextOf(rendered, run));

    private static string TextOf(ModelTokenizer tokenizer, int id) => id < 0 ? "" : tokenizer.GetTokenText(id);

    private static DictionaryValue Describe(LlamaMessage message, bool takesText)
    {
        List<KeyValuePair<TemplateValue, TemplateValue>> entries =
        [
            new(s_role, TextValue.Own(message.Role switch
            {
                LlamaRole.System => "system",
                LlamaRole.User => "user",
                LlamaRole.Assistant => "assistant",
                _ => "tool",
            })),
            new(s_content, TextValue.OfData(message.Content)),
        ];
        if (message.ToolCalls.Count > 0)
            entries.Add(new(s_calls, TemplateToolFormat.Describe(message.ToolCalls, takesText)));
        if (message.ToolName is not null)
            entries.Add(new(s_name, TextValue.OfData(message.ToolName)));
        if (message.ToolCallId is not null)
            entries.Add(new(s_callId, TextValue.OfData(message.ToolCallId)));
        return new DictionaryValue(entries);
    }
}
