using System.Text.Json;

namespace Llama2.Evaluation.Tests.Reports;

/// <summary>Small reports for tests, made of given log-likelihoods and answers.</summary>
internal static class ReportSamples
{
    /// <summary>A task of yes-no questions, whose right answers alternate.</summary>
    /// <param name="name">The name.</param>
    /// <param name="isRight">Whether each question is answered right.</param>
    public static TaskReport Choices(string name, params bool[] isRight)
    {
        ExampleResult[] examples = [.. isRight.Select((right, i) => Choice(i, right))];
        MetricResult[] metrics = [.. new[] { "acc", "acc_norm" }.Select(metric => Aggregate(new TaskMetric(metric), examples))];
        var info = new EvaluationTaskInfo(name) { OutputType = "multiple_choice", Version = "2", FewShotCount = 1, Alias = name == "colours" ? "Colours" : null };
        return new TaskReport(info, metrics, examples, isRight.Length + 10);
    }

    /// <summary>A task of generated answers with two filters.</summary>
    public static TaskReport Answers(string name, params (string Answer, double Strict, double Loose)[] answers)
    {
        ExampleResult[] examples =
        [
            .. answers.Select((answer, i) => new ExampleResult(
                new EvaluationExample(
                    i, JsonElement.Parse($$"""{"question": "How much is {{i}} + 1?"}"""),
                    [new GenerationRequest($"How much is {i} + 1?\nAnswer:") { StopSequences = ["\n"], MaxTokens = 20 }, new GenerationRequest($"How much is {i} + 1?\nAnswer:") { Repeat = 1 }],
                    $"{i + 1}"),
                [new EvaluationResponse { Text = answer.Answer, TokenCount = 3 }, new EvaluationResponse { Text = "again", TokenCount = 4, IsTruncated = true }],
                new EvaluationScore(new Dictionary<string, MetricSample> { ["exact_match,strict"] = new(answer.Strict), ["exact_match,loose"] = new(answer.Loose) })
                {
                    Answer = answer.Answer.Trim(),
                    FilteredAnswers = new Dictionary<string, string> { ["strict"] = answer.Answer.Trim(), ["loose"] = $"~{answer.Answer.Trim()}" },
                    IsCorrect = answer.Strict == 1,
                })),
        ];
        MetricResult[] metrics = [.. new[] { "strict", "loose" }.Select(filter => Aggregate(new TaskMetric("exact_match", filter), examples))];
        return new TaskReport(new EvaluationTaskInfo(name) { OutputType = "generate_until", Version = "1" }, metrics, examples, answers.Length);
    }

    /// <summary>A task that measures perplexity.</summary>
    public static TaskReport Perplexity(string name, params (double LogLikelihood, double WordCount)[] texts)
    {
        var metric = new TaskMetric("word_perplexity") { Aggregation = MetricAggregation.WeightedPerplexity, HigherIsBetter = false };
        ExampleResult[] examples =
        [
            .. texts.Select((text, i) => new ExampleResult(
                new EvaluationExample(i, JsonElement.Parse($$"""{"page": "Text {{i}}."}"""), [new RollingLogLikelihoodRequest($"Text {i}.")], ""),
                [new EvaluationResponse { LogLikelihood = text.LogLikelihood, TokenCount = 5 }],
                new EvaluationScore(new Dictionary<string, MetricSample> { [metric.Key] = new(text.LogLikelihood, text.WordCount) }))),
        ];
        return new TaskReport(new EvaluationTaskInfo(name) { OutputType = "loglikelihood_rolling", Version = "2" }, [Aggregate(metric, examples)], examples, texts.Length);
    }

    public static EvaluationReport Report(string model, params TaskReport[] tasks) => new()
    {
        ModelName = model,
        Fingerprint = $"fingerprint of {model}",
        Tasks = tasks,
        StartTime = new DateTimeOffset(2026, 11, 30, 12, 0, 0, TimeSpan.Zero),
        Duration = TimeSpan.FromSeconds(12.5),
        Seed = 1234,
        LibraryVersion = "1.2.3",
        Processor = "X64, Avx2, 4 cores",
    };

    /// <summary>A group of tasks, with the mean of their accuracies.</summary>
    public static GroupReport Group(string name, bool isWeighted, params TaskReport[] tasks)
    {
        MetricResult[] metrics = [.. tasks.Select(task => task.Metrics[0])];
        int count = metrics.Sum(metric => metric.SampleCount);
        double mean = isWeighted ? metrics.Sum(metric => metric.Value * metric.SampleCount) / count : metrics.Average(metric => metric.Value);
        string[] names = [.. tasks.Select(task => task.Info.Name)];
        return new GroupReport(
            new EvaluationTaskGroup(name, names) { Metrics = ["acc"], IsWeightedBySize = isWeighted, Version = "3" }, [new MetricResult(metrics[0].Metric, mean, 0.125, count)], names);
    }

    private static ExampleResult Choice(int index, bool isRight)
    {
        string[] choices = ["yes", "no"];
        int right = index % 2, chosen = isRight ? right : 1 - right;
        var score = new EvaluationScore(new Dictionary<string, MetricSample> { ["acc,none"] = new(isRight ? 1 : 0), ["acc_norm,none"] = new(right == 0 ? 1 : 0) })
        {
            Answer = choices[chosen],
            IsCorrect = isRight,
        };
        return new ExampleResult(
            new EvaluationExample(
                index, JsonElement.Parse($$"""{"question": "Is {{index}} even?", "id": {{index}}}"""),
                [.. choices.Select(choice => new LogLikelihoodRequest($"Is {index} even?", $" {choice}"))], choices[right]),
            [.. choices.Select((_, i) => new EvaluationResponse { LogLikelihood = i == chosen ? -0.5 - (index / 8.0) : -2.25, IsGreedy = i == chosen, TokenCount = 1 })],
            score);
    }

    private static MetricResult Aggregate(TaskMetric metric, ExampleResult[] examples)
    {
        MetricSample[] samples = [.. examples.Where(example => example.Score.Samples.ContainsKey(metric.Key)).Select(example => example.Score.Samples[metric.Key])];
        MetricValue value = metric.Aggregation.Aggregate(samples);
        return new MetricResult(metric, value.Value, value.StandardError, samples.Length);
    }
}
