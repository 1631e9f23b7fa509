using System.Text.Json;
using Llama2.Evaluation.Data.Input;
using static System.FormattableString;

namespace Llama2.Evaluation.Reports;

/// <summary>Reads the examples of a task from a file in the form of lm-evaluation-harness' <c>samples_TASK.jsonl</c>. The file is untrusted.</summary>
internal static class SamplesReader
{
    private const int MaxLineByteSize = 64 << 20;
    private const int MaxExampleCount = 2_000_000;
    private const int MaxRequestCount = 100_000;

    /// <param name="path">The file.</param>
    /// <param name="metrics">The metrics of the results.</param>
    public static IReadOnlyList<ExampleResult> Read(string path, IReadOnlyList<TaskMetric> metrics)
    {
        using FileStream file = File.OpenRead(path);
        var reader = new LineReader(file, path, new DataOptions { MaxRowByteSize = MaxLineByteSize });
        var examples = new List<ExampleResult>();
        var positions = new Dictionary<int, int>();
        while (reader.TryRead(out ReadOnlyMemory<byte> line))
        {
            if (line.Span.Trim(" \t"u8).IsEmpty)
                continue;
            ExampleResult example = Parse(line, path, reader.LineNumber, metrics);
            int index = example.Example.Index;
            if (!positions.TryGetValue(index, out int position))
            {
                if (examples.Count == MaxExampleCount)
                    throw Fault(path, reader.LineNumber, Invariant($"the file has more than {MaxExampleCount:N0} examples"));
                positions.Add(index, examples.Count);
                examples.Add(example);
            }
            else
            {
                examples[position] = Merge(examples[position], example);
            }
        }

        return examples;
    }

    // The harness writes a line for each filter.
    private static ExampleResult Merge(ExampleResult first, ExampleResult second) => first with
    {
        Score = first.Score with
        {
            Samples = second.Score.Samples.Concat(first.Score.Samples).DistinctBy(sample => sample.Key).ToDictionary(),
            FilteredAnswers = second.Score.FilteredAnswers.Concat(first.Score.FilteredAnswers).DistinctBy(answer => answer.Key).ToDictionary(),
        },
    };

    private static ExampleResult Parse(ReadOnlyMemory<byte> line, string path, long number, IReadOnlyList<TaskMetric> metrics)
    {
        try
        {
            using JsonDocument parsed = JsonDocument.Parse(line);
            JsonElement root = parsed.RootElement;
            int index = root.Count("doc_id") ?? throw Fault(path, number, "it has no number doc_id");
            JsonElement document = root.Member("doc")?.Clone() ?? default;
            // Fails for texts that are not Unicode.
            _ = DocumentHash.Of(document);
            List<EvaluationRequest> requests = [];
            List<EvaluationResponse> responses = [];
            ReadRequests(root, requests, responses);
            if (requests.Count == 0)
                throw Fault(path, number, "it has no requests (arguments and resps)");
            var example = new EvaluationExample(index, document, requests, root.Member("target")?.ToString() ?? "");
            return new ExampleResult(example, responses, ReadScore(root, metrics, example, responses));
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            throw new EvaluationDataException(Invariant($"'{path}', line {number:N0}: it is not an object of JSON in UTF-8: {exception.Message}"), exception);
        }
    }

    private static void ReadRequests(JsonElement root, List<EvaluationRequest> requests, List<EvaluationResponse> responses)
    {
        JsonElement[] answers = [.. root.Items("resps").Take(MaxRequestCount)];
        JsonElement own = root.Member("llama2") ?? default;
        int[] tokens = [.. own.Items("tokens").Take(MaxRequestCount).Select(item => item.ToNumber() is double count and >= 0 and <= int.MaxValue ? (int)count : 0)];
        var truncated = own.Items("truncated").Take(MaxRequestCount).Select(item => item.ToNumber() ?? -1).ToHashSet();
        (string text, EvaluationPrompt prompt) = ("", "");
        for (int i = 0; i < answers.Length && root.Member("arguments")?.Member($"gen_args_{i}") is { } arguments; i++)
        {
            // One text for the prompts of all choices.
            string next = arguments.Text("arg_0") ?? "";
            if (next != text)
                (text, prompt) = (next, PromptText.Parse(next));
            JsonElement[] repeats = answers[i].ValueKind == JsonValueKind.Array ? [.. answers[i].EnumerateArray()] : [];
            for (int repeat = 0; repeat < repeats.Length && requests.Count < MaxRequestCount; repeat++)
            {
                EvaluationRequest request = ReadRequest(arguments, prompt, text, repeat);
                responses.Add(ReadResponse(request, repeats[repeat]) with
                {
                    TokenCount = requests.Count < tokens.Length ? tokens[requests.Count] : 0,
                    IsTruncated = truncated.Contains(requests.Count),
                });
                requests.Add(request);
            }
        }
    }

    private static EvaluationRequest ReadRequest(JsonElement arguments, EvaluationPrompt prompt, string text, int repeat) => arguments.Member("arg_1") switch
    {
        { ValueKind: JsonValueKind.String } continuation => new LogLikelihoodRequest(prompt, continuation.GetString()!),
        { ValueKind: JsonValueKind.Object } generation => new GenerationRequest(prompt)
        {
            StopSequences = [.. generation.Items("until").Where(item => item.ValueKind == JsonValueKind.String).Select(item => item.GetString()!)],
            MaxTokens = generation.Count("max_gen_toks") ?? 256,
            Temperature = (float)(generation.Number("temperature") ?? 0),
            Repeat = repeat,
        },
        _ => new RollingLogLikelihoodRequest(text),
    };

    private static EvaluationResponse ReadResponse(EvaluationRequest request, JsonElement value)
    {
        if (request is GenerationRequest)
            return new EvaluationResponse { Text = value.ToString() };
        JsonElement[] parts = value.ValueKind == JsonValueKind.Array ? [.. value.EnumerateArray().Take(2)] : [value];
        return new EvaluationResponse
        {
            LogLikelihood = parts.Length > 0 ? parts[0].ToNumber() ?? double.NaN : double.NaN,
            IsGreedy = parts.Length > 1 && parts[1].ToString() == "True",
        };
    }

    private static EvaluationScore ReadScore(JsonElement root, IReadOnlyList<TaskMetric> metrics, EvaluationExample example, List<EvaluationResponse> responses)
    {
        string filter = root.Text("filter") ?? TaskMetric.NoFilter;
        var samples = new Dictionary<string, MetricSample>();
        foreach (TaskMetric metric in metrics.Where(metric => metric.Filter == filter))
        {
            if (root.Member(metric.Name) is { } value && ReadSample(value) is { } sample)
                samples[metric.Key] = sample;
        }

        JsonElement own = root.Member("llama2") ?? default;
        string? filtered = example.Requests[0] is GenerationRequest
            ? string.Join(" | ", root.Items("filtered_resps").SelectMany(item => item.ValueKind == JsonValueKind.Array ? item.EnumerateArray() : (IEnumerable<JsonElement>)[item]))
            : null;
        bool? isCorrect = own.Member("correct")?.ValueKind switch { JsonValueKind.True => true, JsonValueKind.False => false, _ => null };
        ChoiceView? choices = ChoiceView.Of(example, responses);
        return new EvaluationScore(samples)
        {
            Answer = own.Text("answer") ?? filtered ?? choices?.Best.Text ?? "",
            FilteredAnswers = filtered is null ? new Dictionary<string, string>() : new() { [filter] = filtered },
            IsCorrect = isCorrect ?? (samples.Count > 0 && samples.Values.First().Value is double first and (0 or 1) ? first == 1 : null),
        };
    }

    private static MetricSample? ReadSample(JsonElement value)
    {
        if (value.ValueKind != JsonValueKind.Array)
            return value.ToNumber() is { } number ? new MetricSample(number) : null;
        JsonElement[] parts = [.. value.EnumerateArray().Take(2)];
        return parts is [var first, var second] && first.ToNumber() is { } left && second.ToNumber() is { } right ? new MetricSample(left, right) : null;
    }

    private static EvaluationDataException Fault(string path, long line, string fault) => new(Invariant($"'{path}', line {line:N0}: {fault}. Is it a file of samples?"));
}
