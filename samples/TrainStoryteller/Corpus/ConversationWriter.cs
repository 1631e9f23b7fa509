using Llama2;

namespace TrainStoryteller.Corpus;

/// <summary>Generates conversations.</summary>
/// <param name="random">The source of random choices; the same source gives the same conversations.</param>
internal sealed class ConversationWriter(Random random)
{
    private static readonly string[] s_instructions = ["You are a friendly story teller.", "You are a friendly story teller.", "You are a helpful assistant."];
    private static readonly QuestionKind[] s_weatherKinds = [QuestionKind.Weather, QuestionKind.Weather, QuestionKind.Weather, QuestionKind.Cities];
    private readonly QuestionWriter _questions = new(random);
    private readonly ToolQuestionWriter _toolQuestions = new(random);
    private readonly ExtractionWriter _extraction = new(random);
    private readonly Tools _tools = new(random);

    /// <summary>Writes a conversation. Of twenty conversations, on average eleven have ordinary questions, six have tools, and three ask for JSON.</summary>
    public Conversation Write() => random.Next(20) switch
    {
        < 11 => Write([], random.Pick(1, 1, 1, 2, 3)),
        < 17 => Write(CreateTools(), random.Pick(1, 1, 2, 3, 4, 6)),
        _ => AskFacts(random.Pick(1, 1, 2, 3)),
    };

    /// <summary>Writes a conversation of one question.</summary>
    /// <param name="kind">The kind of the question.</param>
    /// <param name="hasTools">Whether tools are announced even if the question does not need them.</param>
    public Conversation Write(QuestionKind kind, bool hasTools)
    {
        if (kind == QuestionKind.Facts)
            return AskFacts(1);
        LlamaTool[] tools = kind switch
        {
            QuestionKind.Weather or QuestionKind.Cities => _tools.Create(true, random.Next(2) == 0),
            QuestionKind.Product => _tools.Create(random.Next(2) == 0, true),
            QuestionKind.Unknown when hasTools => random.Next(2) == 0 ? _tools.Create(true, false) : _tools.Create(false, true),
            _ => hasTools ? CreateTools() : [],
        };
        Question question = kind switch
        {
            QuestionKind.Unknown => AskUnknown(tools),
            QuestionKind.Weather or QuestionKind.Cities or QuestionKind.Product => _toolQuestions.Write(kind),
            _ => _questions.Write(kind),
        };
        return new(WriteInstructions(), tools, [question]);
    }

    private Conversation Write(LlamaTool[] tools, int count) =>
        new(WriteInstructions(), tools, [.. Enumerable.Range(0, count).Select(i => Follow(i, tools.Length > 0 ? WriteWithTools(tools) : WriteWithoutTools()))]);

    // People sometimes begin a question with "And", to connect it with the question before it.
    private Question Follow(int index, Question question) => index > 0 && question.Text.StartsWith('W') && question.Text[^1] == '?' && random.Next(4) == 0
        ? question with { Text = $"And {char.ToLowerInvariant(question.Text[0])}{question.Text[1..]}" }
        : question;

    private string WriteInstructions() => random.NextDouble() < 0.4 ? random.Pick(s_instructions) : "";

    private LlamaTool[] CreateTools() => random.Next(4) switch
    {
        0 => _tools.Create(true, false),
        1 => _tools.Create(false, true),
        _ => _tools.Create(true, true),
    };

    private Question WriteWithoutTools() => random.Next(25) switch
    {
        0 => AskUnknown([]),
        1 => _questions.Write(QuestionKind.Sum),
        _ => _questions.Write(),
    };

    private Question WriteWithTools(LlamaTool[] tools) => random.Next(10) switch
    {
        < 2 => _questions.Write(),
        2 when tools.Length == 1 => AskUnknown(tools),
        _ => _toolQuestions.Write(random.Pick(tools).Name == Tools.ProductName ? QuestionKind.Product : random.Pick(s_weatherKinds)),
    };

    private Question AskUnknown(LlamaTool[] tools) =>
        _toolQuestions.WriteUnknown(lacksWeather: tools.Length > 0 ? tools[0].Name == Tools.ProductName : random.Next(2) == 0);

    private Conversation AskFacts(int count)
    {
        Question[] questions = _extraction.Write(count);
        string instructions = WriteInstructions();
        return new(instructions.Length > 0 ? $"{instructions}\n\n{questions[0].Instructions}" : questions[0].Instructions, [], questions);
    }
}
