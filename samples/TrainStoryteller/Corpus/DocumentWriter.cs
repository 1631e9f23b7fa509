using Llama2;

namespace TrainStoryteller.Corpus;

/// <summary>Generates any number of training documents: plain stories, and conversations in Llama 2's chat format.</summary>
internal sealed class DocumentWriter
{
    private const string SystemMessage = "<<SYS>>\nYou are a friendly story teller.\n<</SYS>>\n\n";
    private readonly Random _random;
    private readonly StoryWriter _stories;
    private readonly QuestionWriter _questions;
    private readonly ConversationWriter? _conversations;

    /// <param name="seed">The same seed gives the same documents.</param>
    /// <param name="hasTools">Whether there are conversations with tools and with answers in JSON.</param>
    public DocumentWriter(int seed, bool hasTools = false)
    {
        _random = new Random(seed);
        _stories = new StoryWriter(_random);
        _questions = new QuestionWriter(_random);
        _conversations = hasTools ? new ConversationWriter(_random) : null;
    }

    /// <summary>Writes a document as parts. Each part is encoded separately, between a begin- and an end-of-sequence token.</summary>
    public IReadOnlyList<string> Write()
    {
        if (_random.NextDouble() < (_conversations is null ? 0.45 : 0.3))
        {
            return [_stories.Write()];
        }

        return _conversations is null ? WriteQuestions() : Write(_conversations.Write());
    }

    /// <summary>Writes a conversation.</summary>
    public IReadOnlyList<string> Write(Conversation conversation)
    {
        List<string> parts = [];
        string system = conversation.SystemMessage is { Length: > 0 } message ? $"<<SYS>>\n{message}\n<</SYS>>\n\n" : "";
        foreach (Question question in conversation.Questions)
        {
            string text = system + question.Text;
            foreach (ToolUse use in question.Uses)
            {
                parts.Add(WritePart(text, ToolFormat.Json.WriteCall(use.Call)));
                text = ToolFormat.Json.WriteResult(use.Result, use.Call.Name);
            }

            parts.Add(WritePart(text, WriteAnswer(question)));
            system = "";
        }

        return parts;
    }

    private string[] WriteQuestions()
    {
        var turns = new string[_random.Pick(1, 1, 1, 2, 3)];
        for (int i = 0; i < turns.Length; i++)
        {
            Question question = _questions.Write();
            string system = i == 0 && _random.NextDouble() < 0.3 ? SystemMessage : "";
            turns[i] = WritePart(system + question.Text, WriteAnswer(question));
        }

        return turns;
    }

    private string WriteAnswer(Question question) =>
        question.Kind == QuestionKind.Story ? _stories.Write(question.Animal) : question.Answers[_random.Next(question.Answers.Count)];

    private static string WritePart(string text, string answer) => $"[INST] {text} [/INST] {answer} ";
}
