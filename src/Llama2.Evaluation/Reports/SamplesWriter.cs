using System.Text.Json;

namespace Llama2.Evaluation.Reports;

/// <summary>
/// Writes the examples of a task in the form of lm-evaluation-harness' <c>samples_TASK.jsonl</c>: a line for each example and filter. In addition to its
/// fields there is <c>llama2</c>: the answer, whether it is right, the numbers of tokens, and which prompts were cut off.
/// </summary>
internal static class SamplesWriter
{
    public static void Write(TaskReport task, Stream stream)
    {
        foreach (string filter in task.Metrics.Select(result => result.Metric.Filter).DefaultIfEmpty(TaskMetric.NoFilter).Distinct())
        {
            TaskMetric[] metrics = [.. task.Metrics.Select(result => result.Metric).Where(metric => metric.Filter == filter)];
            foreach (ExampleResult example in task.Examples)
                ReportJson.WriteLine(stream, writer => Write(writer, example, filter, metrics));
        }
    }

    private static void Write(Utf8JsonWriter writer, ExampleResult result, string filter, TaskMetric[] metrics)
    {
        EvaluationExample example = result.Example;
        RequestRepeats[] requests = [.. RequestRepeats.Of(result)];
        writer.WriteNumber("doc_id", example.Index);
        writer.WritePropertyName("doc");
        if (example.Document.ValueKind == JsonValueKind.Undefined)
            writer.WriteNullValue();
        else
            example.Document.WriteTo(writer);
        writer.WriteString("target", example.Target);
        writer.WriteStartObject("arguments");
        for (int i = 0; i < requests.Length; i++)
            WriteArguments(writer, $"gen_args_{i}", requests[i].Request);
        writer.WriteEndObject();
        WriteResponses(writer, requests);
        WriteFilteredResponses(writer, result, filter, requests);
        writer.WriteString("filter", filter);
        WriteMetrics(writer, result.Score, metrics);
        writer.WriteString("doc_hash", DocumentHash.Of(example.Document));
        writer.WriteString("prompt_hash", DocumentHash.Of(PromptText.Of(example.Requests[0])));
        writer.WriteString("target_hash", DocumentHash.Of(example.Target));
        WriteOwnFields(writer, result);
    }

    private static void WriteArguments(Utf8JsonWriter writer, string name, EvaluationRequest request)
    {
        writer.WriteStartObject(name);
        writer.WriteString("arg_0", PromptText.Of(request));
        if (request is LogLikelihoodRequest likelihood)
        {
            writer.WriteString("arg_1", likelihood.Continuation);
        }
        else if (request is GenerationRequest generation)
        {
            writer.WriteStartObject("arg_1");
            writer.WriteStartArray("until");
            foreach (string stop in generation.StopSequences)
                writer.WriteStringValue(stop);
            writer.WriteEndArray();
            writer.WriteNumber("max_gen_toks", generation.MaxTokens);
            writer.WriteBoolean("do_sample", generation.Temperature > 0);
            writer.WriteNumber("temperature", generation.Temperature);
            if (generation.TopP < 1)
                writer.WriteNumber("top_p", generation.TopP);
            if (generation.TopK > 0)
                writer.WriteNumber("top_k", generation.TopK);
            writer.WriteEndObject();
        }

        writer.WriteEndObject();
    }

    private static void WriteResponses(Utf8JsonWriter writer, RequestRepeats[] requests)
    {
        writer.WriteStartArray("resps");
        foreach (RequestRepeats request in requests)
        {
            writer.WriteStartArray();
            foreach (EvaluationResponse response in request.Responses)
                WriteResponse(writer, request.Request, response);
            writer.WriteEndArray();
        }

        writer.WriteEndArray();
    }

    private static void WriteFilteredResponses(Utf8JsonWriter writer, ExampleResult result, string filter, RequestRepeats[] requests)
    {
        writer.WriteStartArray("filtered_resps");
        if (result.Score.FilteredAnswers.TryGetValue(filter, out string? answer))
        {
            writer.WriteStringValue(answer);
        }
        else
        {
            foreach (RequestRepeats request in requests)
                WriteResponse(writer, request.Request, request.Responses[0]);
        }

        writer.WriteEndArray();
    }

    // The harness turns everything into texts, so that all lines have the same types.
    private static void WriteResponse(Utf8JsonWriter writer, EvaluationRequest request, EvaluationResponse response)
    {
        if (request is GenerationRequest)
        {
            writer.WriteStringValue(response.Text ?? "");
        }
        else if (request is RollingLogLikelihoodRequest)
        {
            writer.WriteStringValue(PythonNumber.Format(response.LogLikelihood));
        }
        else
        {
            writer.WriteStartArray();
            writer.WriteStringValue(PythonNumber.Format(response.LogLikelihood));
            writer.WriteStringValue(response.IsGreedy ? "True" : "False");
            writer.WriteEndArray();
        }
    }

    private static void WriteMetrics(Utf8JsonWriter writer, EvaluationScore score, TaskMetric[] metrics)
    {
        metrics = [.. metrics.Where(metric => score.Samples.ContainsKey(metric.Key))];
        writer.WriteStartArray("metrics");
        foreach (TaskMetric metric in metrics)
            writer.WriteStringValue(metric.Name);
        writer.WriteEndArray();
        foreach (TaskMetric metric in metrics)
        {
            MetricSample sample = score.Samples[metric.Key];
            writer.WritePropertyName(metric.Name);
            if (sample.Weight.Equals(1.0) && !RecordedAggregation.NeedsWeights(metric.Aggregation.Name))
            {
                WriteNumber(writer, sample.Value);
            }
            else
            {
                writer.WriteStartArray();
                WriteNumber(writer, sample.Value);
                WriteNumber(writer, sample.Weight);
                writer.WriteEndArray();
            }
        }
    }

    private static void WriteOwnFields(Utf8JsonWriter writer, ExampleResult result)
    {
        writer.WriteStartObject("llama2");
        writer.WriteString("answer", result.Score.Answer);
        if (result.Score.IsCorrect is { } isCorrect)
            writer.WriteBoolean("correct", isCorrect);
        writer.WriteStartArray("tokens");
        foreach (EvaluationResponse response in result.Responses)
            writer.WriteNumberValue(response.TokenCount);
        writer.WriteEndArray();
        if (result.Responses.Any(response => response.IsTruncated))
        {
            writer.WriteStartArray("truncated");
            for (int i = 0; i < result.Responses.Count; i++)
            {
                if (result.Responses[i].IsTruncated)
                    writer.WriteNumberValue(i);
            }

            writer.WriteEndArray();
        }

        writer.WriteEndObject();
    }

    private static void WriteNumber(Utf8JsonWriter writer, double value)
    {
        if (double.IsFinite(value))
            writer.WriteNumberValue(value);
        else
            writer.WriteStringValue(PythonNumber.Format(value));
    }
}
