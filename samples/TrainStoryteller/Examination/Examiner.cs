using Llama2;
using TrainStoryteller.Corpus;

namespace TrainStoryteller.Examination;

/// <summary>Asks a model questions of all kinds, each in a separate chat, and counts right answers.</summary>
/// <param name="modelPath">The model.</param>
/// <param name="settings">The number of questions, and the seed of the training; the questions use another seed.</param>
internal sealed class Examiner(string modelPath, Settings settings)
{
    private const int MaxAnswerTokens = 300;
    private static readonly QuestionKind[] s_kinds = Enum.GetValues<QuestionKind>();

    /// <summary>Asks the questions, and prints a line for each kind, with the first question and its answer.</summary>
    public async Task ReportAsync(TextWriter output, CancellationToken cancellationToken)
    {
        using var model = LlamaModel.Load(modelPath, new LlamaModelOptions { ThreadCount = settings.ThreadCount }, cancellationToken: cancellationToken);
        var questions = new QuestionWriter(new Random(settings.Seed + 2_000_000));
        var answers = new List<(Question Question, string Answer)>();
        for (int i = 0; i < settings.QuestionCount; i++)
        {
            Question question = questions.Write(s_kinds[i % s_kinds.Length]);
            answers.Add((question, await AskAsync(model, question.Text, cancellationToken)));
        }

        output.WriteLine($"{Path.GetFileName(modelPath)}: {answers.Count(IsRight):N0} of {answers.Count:N0} answers are right.");
        foreach (IGrouping<QuestionKind, (Question Question, string Answer)> kind in answers.GroupBy(answer => answer.Question.Kind))
        {
            output.WriteLine($"  {kind.Key,-8} {kind.Count(IsRight),3} of {kind.Count()}: {kind.First().Question.Text} {kind.First().Answer}");
        }
    }

    private static bool IsRight((Question Question, string Answer) answer) => answer.Question.Animal is { } animal
        ? StoryCheck.IsStoryAbout(animal, answer.Answer)
        : answer.Question.Answers.Contains(answer.Answer);

    private static async Task<string> AskAsync(LlamaModel model, string question, CancellationToken cancellationToken)
    {
        // At temperature 0 the likeliest answer is given.
        var options = new GenerationOptions { Temperature = 0, MaxTokens = MaxAnswerTokens };
        string answer = "";
        await foreach (GenerationUpdate update in model.CreateChatSession(cancellationToken: cancellationToken).SendAsync(question, options, cancellationToken))
        {
            answer += update.Text;
        }

        return answer.Trim();
    }
}
