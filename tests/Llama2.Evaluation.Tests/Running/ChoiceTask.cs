using System.Text.Json;

namespace Llama2.Evaluation.Tests.Running;

/// <summary>A multiple-choice task made of texts, as an application would write it.</summary>
internal sealed class ChoiceTask(string name, params (string Question, string[] Choices, int Answer)[] questions) : IEvaluationTask
{
    public EvaluationTaskInfo Info { get; } = new(name) { OutputType = "multiple_choice" };

    public IReadOnlyList<TaskMetric> Metrics { get; } = [new("acc")];

    public int ExampleCount => questions.Length;

    public EvaluationExample CreateExample(int index)
    {
        (string question, string[] choices, int answer) = questions[index];
        return new EvaluationExample(index, JsonElement.Parse("{}"), [.. choices.Select(choice => new LogLikelihoodRequest(question, " " + choice))], choices[answer]);
    }

    public ValueTask<EvaluationScore> ScoreAsync(EvaluationExample example, IReadOnlyList<EvaluationResponse> responses, CancellationToken cancellationToken = default)
    {
        int best = Enumerable.Range(0, responses.Count).MaxBy(i => responses[i].LogLikelihood);
        bool isCorrect = best == questions[example.Index].Answer;
        var score = new EvaluationScore(new Dictionary<string, MetricSample> { ["acc,none"] = new(isCorrect ? 1 : 0) })
        {
            Answer = questions[example.Index].Choices[best],
            IsCorrect = isCorrect,
        };
        return ValueTask.FromResult(score);
    }
}
