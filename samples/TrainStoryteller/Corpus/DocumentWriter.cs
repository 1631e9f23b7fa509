namespace TrainStoryteller.Corpus;

/// <summary>Generates any number of training documents: plain stories, and conversations in Llama 2's chat format.</summary>
internal sealed class DocumentWriter
{
    private const string SystemMessage = "<<SYS>>\nYou are a friendly story teller.\n<</SYS>>\n\n";
    private readonly Random _random;
    private readonly StoryWriter _stories;
    private readonly QuestionWriter _questions;

    /// <param name="seed">The same seed gives the same documents.</param>
    public DocumentWriter(int seed)
    {
        _random = new Random(seed);
        _stories = new StoryWriter(_random);
        _questions = new QuestionWriter(_random);
    }

    /// <summary>Writes a document as parts. Each part is encoded separately, between a begin- and an end-of-sequence token.</summary>
    public IReadOnlyList<string> Write()
    {
        if (_random.NextDouble() < 0.45)
        {
            return [_stories.Write()];
        }

        var turns = new string[_random.Pick(1, 1, 1, 2, 3)];
        for (int i = 0; i < turns.Length; i++)
        {
            Question question = _questions.Write();
            string system = i == 0 && _random.NextDouble() < 0.3 ? SystemMessage : "";
            string answer = question.Kind == QuestionKind.Story ? _stories.Write(question.Animal) : question.Answers[_random.Next(question.Answers.Count)];
            turns[i] = $"[INST] {system}{question.Text} [/INST] {answer} ";
        }

        return turns;
    }
}
