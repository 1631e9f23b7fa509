using System.Text.Json;
using Llama2.Evaluation.Python;
using Llama2.Evaluation.Scoring;

namespace Llama2.Evaluation.Tasks;

/// <summary>A task that is made of documents by a definition.</summary>
/// <param name="definition">The definition.</param>
internal sealed class DocumentTask(DocumentTaskDefinition definition) : IEvaluationTask
{
    private readonly FewShotPrompt _prompt = new(definition);

    public EvaluationTaskInfo Info => definition.Info;

    public IReadOnlyList<TaskMetric> Metrics { get; } = [.. definition.Metrics.Select(metric => metric.Metric)];

    public int ExampleCount => definition.Documents.Count;

    public EvaluationExample CreateExample(int index)
    {
        JsonElement document = definition.Documents[index];
        IReadOnlyList<string> choices = definition.Choices?.Invoke(document) ?? [];
        TaskValue target = definition.Target(document);
        string answer = definition.ChoicesAreContexts ? definition.Text(document).ToText(choices) : string.Join(" | ", target.Values.Select(value => value.ToText(choices)));
        return new EvaluationExample(index, document, CreateRequests(index, document, choices, target), answer);
    }

    public async ValueTask<EvaluationScore> ScoreAsync(
        EvaluationExample example, IReadOnlyList<EvaluationResponse> responses, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(example);
        ArgumentNullException.ThrowIfNull(responses);
        JsonElement document = example.Document;
        var outcome = new DocumentOutcome
        {
            Document = document,
            Target = definition.ChoicesAreContexts ? definition.Text(document) : definition.Target(document),
            Choices = definition.Choices?.Invoke(document) ?? [],
            Responses = responses,
            ScoredText = example.Requests is [RollingLogLikelihoodRequest rolling] ? rolling.Text : "",
            Answers = [.. responses.Take(definition.RepeatCount).Select(response => response.Text ?? "")],
        };
        return definition.Scorer is { } scorer ? await scorer(outcome, cancellationToken).ConfigureAwait(false)
            : definition.Output == DocumentOutput.Generation ? ScoreGeneration(outcome)
            : ScoreLikelihoods(outcome);
    }

    private EvaluationRequest[] CreateRequests(int index, JsonElement document, IReadOnlyList<string> choices, TaskValue target)
    {
        if (definition.Output == DocumentOutput.RollingLogLikelihood)
            return [new RollingLogLikelihoodRequest(target.ToText(choices))];
        string delimiter = DelimiterOf(document);
        if (definition.ChoicesAreContexts)
        {
            string continuation = delimiter + target.ToText(null);
            return [.. choices.Select(choice => new LogLikelihoodRequest(_prompt.Write(index, document, choice), continuation))];
        }

        EvaluationPrompt prompt = _prompt.Write(index, document, definition.Text(document).ToText(choices));
        return definition.Output switch
        {
            DocumentOutput.MultipleChoice =>
            [
                .. choices.Select(choice => new LogLikelihoodRequest(prompt, delimiter + choice)),
                .. choices.Where(_ => definition.NeedsUnconditional).Select(choice => new LogLikelihoodRequest("", delimiter + choice)),
            ],
            DocumentOutput.LogLikelihood => [new LogLikelihoodRequest(prompt, target.ToText(choices))],
            _ =>
            [
                .. Enumerable.Range(0, definition.RepeatCount).Select(repeat => definition.Generation with { Prompt = prompt, Repeat = repeat }),
                .. definition.ScoredContinuations.Select(continuation => new LogLikelihoodRequest(prompt, continuation)),
            ],
        };
    }

    private string DelimiterOf(JsonElement document)
        => definition.ChoiceDelimiter is { } delimiter ? delimiter
            : !definition.UsesChat || (definition.AnswerPrefix(document) is { Length: > 0 } prefix && !PythonString.EndsWithSpace(prefix)) ? definition.TargetDelimiter : "";

    private EvaluationScore ScoreLikelihoods(DocumentOutcome outcome)
    {
        bool isChoice = definition.Output == DocumentOutput.MultipleChoice;
        return new EvaluationScore(Compute(outcome, definition.Metrics))
        {
            Answer = isChoice ? outcome.Choices[ChoiceMetrics.ArgMax(outcome.LogLikelihoods)] : "",
            IsCorrect = isChoice ? ChoiceMetrics.Accuracy(outcome) is { Value: 1 }
                : definition.Output == DocumentOutput.LogLikelihood ? outcome.Responses[0].IsGreedy : null,
        };
    }

    private EvaluationScore ScoreGeneration(DocumentOutcome outcome)
    {
        var samples = new Dictionary<string, MetricSample>();
        var answers = new Dictionary<string, string>();
        foreach (FilterPipeline pipeline in definition.Filters)
        {
            DocumentOutcome filtered = outcome.WithAnswers(pipeline.Apply(outcome.Answers, outcome.Document));
            answers[pipeline.Name] = string.Join(" | ", filtered.Answers);
            foreach ((string key, MetricSample sample) in Compute(filtered, definition.Metrics.Where(metric => metric.Metric.Filter == pipeline.Name)))
                samples[key] = sample;
        }

        return new EvaluationScore(samples)
        {
            Answer = answers[definition.Filters[0].Name],
            FilteredAnswers = answers,
            IsCorrect = samples.Count == 0 || definition.Metrics[0].IsDegree ? null : samples.Values.First() is { Value: >= 1 },
        };
    }

    private static Dictionary<string, MetricSample> Compute(DocumentOutcome outcome, IEnumerable<DocumentMetric> metrics)
    {
        var samples = new Dictionary<string, MetricSample>();
        foreach (DocumentMetric metric in metrics)
        {
            if (metric.Compute(outcome) is { } sample)
                samples[metric.Metric.Key] = sample;
        }

        return samples;
    }
}
