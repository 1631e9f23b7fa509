using Llama2;

// The argument is any GGUF file of a chat model; without it, the small demonstration model beside the program answers.
string modelPath = args.Length > 0 ? args[0] : Path.Combine(AppContext.BaseDirectory, "storyteller-1m-Q8_0.gguf");
using LlamaModel model = LlamaModel.Load(modelPath);

// The prompt format is the one that the model's file names. If it names none, this call throws: then set ChatSessionOptions.PromptFormat.
IChatSession session = model.CreateChatSession(new ChatSessionOptions { Overflow = ContextOverflow.DropOldestTurns });
GenerationUsage? usage = null;

// Ctrl+C ends the answer that is being written; if there is none, it ends the program.
CancellationTokenSource? answering = null;
Console.CancelKeyPress += (_, press) =>
{
    CancellationTokenSource? source = answering;
    press.Cancel = source is { IsCancellationRequested: false };
    source?.Cancel();
};

Console.WriteLine($"""
    This is {model.Configuration.Name}. Say something{(args.Length > 0 ? "" : ", such as: Tell me a story about a dog")}.
    /system TEXT, /save FILE, /load FILE, /retry, /stats and /exit are commands. Ctrl+C ends an answer.
    """);
while (true)
{
    Console.Write("\nYou:   ");
    if (Console.ReadLine() is not { } line || line == "/exit")
        break;

    try
    {
        await ObeyAsync(line);
    }
    catch (OperationCanceledException)
    {
        // The session has the same state as before the message.
        Console.WriteLine(" … interrupted; that message is forgotten.");
    }
    catch (Exception exception) when (exception is LlamaException or IOException or UnauthorizedAccessException or InvalidOperationException)
    {
        Console.WriteLine(exception.Message);
    }
}

async Task ObeyAsync(string line)
{
    string[] words = line.Split(' ', 2, StringSplitOptions.TrimEntries);
    switch (words)
    {
        case [""]:
            break;
        case ["/system", var text]:
            session.History = [LlamaMessage.System(text), .. session.History.Where(message => message.Role != LlamaRole.System)];
            Console.WriteLine("This system message applies from now on.");
            break;
        case ["/save", { Length: > 0 } path]:
            await session.SaveAsync(path);
            Console.WriteLine($"{session.History.Count} messages are saved.");
            break;
        case ["/load", { Length: > 0 } path]:
            session = await model.RestoreChatSessionAsync(path);
            foreach (LlamaMessage message in session.History)
                Console.WriteLine($"{message.Role}: {message.Content}");
            break;
        case ["/retry"]:
            await AnswerAsync(token => session.RegenerateAsync(cancellationToken: token));
            break;
        case ["/stats"]:
            Console.WriteLine(usage is null
                ? "There is no answer yet."
                : $"The last answer: {usage.GeneratedTokenCount} tokens, {usage.GeneratedTokensPerSecond:N0} a second; the first token came after {usage.TimeToFirstToken.TotalMilliseconds:N0} ms.");
            break;
        case [['/', ..], ..]:
            Console.WriteLine("The commands are /system TEXT, /save FILE, /load FILE, /retry, /stats and /exit.");
            break;
        default:
            await AnswerAsync(token => session.SendAsync(line, cancellationToken: token));
            break;
    }
}

async Task AnswerAsync(Func<CancellationToken, IAsyncEnumerable<GenerationUpdate>> answer)
{
    answering = new CancellationTokenSource();
    try
    {
        string label = "Model: ";
        await foreach (GenerationUpdate update in answer(answering.Token))
        {
            Console.Write(label + update.Text);
            label = "";
            usage = update.Usage ?? usage;
        }

        Console.WriteLine();
    }
    finally
    {
        answering = null;
    }
}
