using Llama2;
using TrainStoryteller.Corpus;

namespace TrainStoryteller.Examination;

/// <summary>Asks a model questions of all kinds, each in a separate chat, and counts right answers. Tools are called as an application calls them.</summary>
/// <param name="modelPath">The model.</param>
/// <param name="settings">The number of questions, and the seed of the training; the questions use another seed.</param>
internal sealed class Examiner(string modelPath, Settings settings)
{
    private const int MaxAnswerTokens = 300;
    private static readonly QuestionKind[] s_kinds = Enum.GetValues<QuestionKind>();

    /// <summary>Asks the questions, and prints a line for each kind, with the first wrong exchange or, if none is wrong, the first exchange.</summary>
    public async Task ReportAsync(TextWriter output, CancellationToken cancellationToken)
    {
        using var model = LlamaModel.Load(modelPath, new LlamaModelOptions { ThreadCount = settings.ThreadCount }, cancellationToken: cancellationToken);
        var random = new Random(settings.Seed + 2_000_000);
        var conversations = new ConversationWriter(random);
        var exchanges = new List<Exchange>();
        for (int i = 0; i < settings.QuestionCount; i++)
        {
            // Half of the questions that need no tools are asked with tools in the prompt.
            Conversation conversation = conversations.Write(s_kinds[i % s_kinds.Length], hasTools: i / s_kinds.Length % 2 == 1);
            try
            {
                exchanges.Add(await AskAsync(model, conversation, cancellationToken));
            }
            catch (ContextLengthException)
            {
                // A model whose context is too short for the announcement of the tools cannot answer.
                exchanges.Add(new Exchange(conversation, [], null));
            }
        }

        output.WriteLine($"{Path.GetFileName(modelPath)}: {exchanges.Count(exchange => exchange.IsRight):N0} of {exchanges.Count:N0} answers are right.");
        int width = exchanges.Max(exchange => exchange.Group.Length);
        foreach (IGrouping<string, Exchange> group in exchanges.GroupBy(exchange => exchange.Group))
        {
            Exchange shown = group.FirstOrDefault(exchange => !exchange.IsRight) ?? group.First();
            output.WriteLine($"  {group.Key.PadRight(width)} {group.Count(exchange => exchange.IsRight),3} of {group.Count()}: {shown}");
        }
    }

    private static async Task<Exchange> AskAsync(LlamaModel model, Conversation conversation, CancellationToken cancellationToken)
    {
        Question question = conversation.Questions[0];
        IChatSession session = model.CreateChatSession(
            new ChatSessionOptions { SystemPrompt = conversation.Instructions is { Length: > 0 } instructions ? instructions : null, Tools = conversation.Tools }, cancellationToken);

        // At temperature 0 the likeliest answer is given.
        var options = new GenerationOptions
        {
            Temperature = 0,
            MaxTokens = MaxAnswerTokens,
            Constraint = question.Schema is { } schema ? OutputConstraint.JsonSchema(schema) : null,
        };
        var message = LlamaMessage.User(question.Text);
        List<string> written = [];
        foreach (ToolUse use in question.Uses)
        {
            LlamaMessage answer = await AnswerAsync(session, message, options, cancellationToken);
            written.Add(answer.Content.Trim() + string.Concat(answer.ToolCalls.Select(call => $"{call.Name}({call.Arguments})")));
            if (answer.Content.Trim().Length > 0 || answer.ToolCalls is not [var made] || !made.Equals(use.Call with { Id = made.Id }))
                return new(conversation, written, null);
            message = LlamaMessage.Tool(made, use.Result);
        }

        LlamaMessage last = await AnswerAsync(session, message, options, cancellationToken);
        written.AddRange(last.ToolCalls.Select(call => $"{call.Name}({call.Arguments})"));
        return new(conversation, written, last.ToolCalls.Count == 0 ? last.Content.Trim() : null);
    }

    private static async Task<LlamaMessage> AnswerAsync(IChatSession session, LlamaMessage message, GenerationOptions options, CancellationToken cancellationToken)
    {
        await foreach (GenerationUpdate _ in session.SendAsync([message], options, cancellationToken))
        {
            // The session keeps the answer.
        }

        return session.History[^1];
    }
}
