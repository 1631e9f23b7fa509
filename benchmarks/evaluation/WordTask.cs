using System.Text;
using System.Text.Json;
using Llama2.Evaluation;

namespace Llama2.EvaluationLoad;

/// <summary>Questions of random words with four choices each. Their answers mean nothing: only the time they take is measured.</summary>
internal sealed class WordTask : IEvaluationTask
{
    private static readonly string[] s_words = ["the", "dog", "river", "of", "house", "light", "runs", "over", "green", "city", "and", "under", "seven", "with", "paper", "song"];
    private readonly string[] _questions;
    private readonly string[][] _choices;

    /// <param name="count">The number of questions.</param>
    /// <param name="questionLength">The number of words of a question.</param>
    /// <param name="choiceLength">The number of words of a choice.</param>
    public WordTask(int count, int questionLength, int choiceLength)
    {
        var random = new Random(1);
        _questions = [.. Enumerable.Range(0, count).Select(_ => Words(random, questionLength))];
        _choices = [.. Enumerable.Range(0, count).Select(_ => Enumerable.Range(0, 4).Select(_ => Words(random, choiceLength)).ToArray())];
    }

    public EvaluationTaskInfo Info { get; } = new("words");

    public IReadOnlyList<TaskMetric> Metrics { get; } = [new("acc")];

    public int ExampleCount => _questions.Length;

    /// <summary>The tokens of a question and its four choices, each once: what has to be computed at least.</summary>
    public int[] DistinctTokens(int index, ModelTokenizer tokenizer)
        => [.. tokenizer.Encode(_questions[index], addBeginOfSequence: true), .. _choices[index].SelectMany(choice => tokenizer.Encode(choice, addBeginOfSequence: false))];

    public EvaluationExample CreateExample(int index)
        => new(index, JsonElement.Parse("{}"), [.. _choices[index].Select(choice => new LogLikelihoodRequest(_questions[index], " " + choice))], "");

    public ValueTask<EvaluationScore> ScoreAsync(EvaluationExample example, IReadOnlyList<EvaluationResponse> responses, CancellationToken cancellationToken = default)
        => ValueTask.FromResult(new EvaluationScore(new Dictionary<string, MetricSample>()));

    private static string Words(Random random, int count)
    {
        var text = new StringBuilder();
        for (int i = 0; i < count; i++)
            text.Append(i == 0 ? "" : " ").Append(s_words[random.Next(s_words.Length)]);
        return text.ToString();
    }
}
