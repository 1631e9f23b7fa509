using Llama2;

namespace TrainStoryteller.Corpus;

/// <summary>
/// Generates any number of training documents: plain stories, and conversations in Llama 2's chat format, some of which have tools or ask for JSON.
/// </summary>
internal sealed class DocumentWriter
{
    private readonly Random _random;
    private readonly double _storyShare;
    private readonly StoryWriter _stories;
    private readonly ConversationWriter _conversations;

    /// <param name="seed">The same seed gives the same documents.</param>
    /// <param name="refines">
    /// Whether half of the documents are stories, in which the hero and the friend are of different sex and therefore have different names.
    /// </param>
    public DocumentWriter(int seed, bool refines = false)
    {
        _storyShare = refines ? 0.5 : 0.3;
        _random = new Random(seed);
        _stories = new StoryWriter(_random, refines);
        _conversations = new ConversationWriter(_random);
    }

    /// <summary>Writes a document as parts. Each part is encoded separately, between a begin- and an end-of-sequence token.</summary>
    public IReadOnlyList<string> Write() => _random.NextDouble() < _storyShare ? [_stories.Write()] : Write(_conversations.Write());

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

    private string WriteAnswer(Question question) =>
        question.Kind == QuestionKind.Story ? _stories.Write(question.Animal) : question.Answers[_random.Next(question.Answers.Count)];

    private static string WritePart(string text, string answer) => $"[INST] {text} [/INST] {answer} ";
}
