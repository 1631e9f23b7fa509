using Llama2.Evaluation.Harness.Yaml;

namespace Llama2.Evaluation.Harness.Definitions;

/// <summary>Reads <c>generation_kwargs</c> (<c>normalize_gen_kwargs</c> in <c>lm_eval/models/utils.py</c>).</summary>
internal static class GenerationReader
{
    private const string Key = "generation_kwargs";
    private const int DefaultMaxTokens = 256, MaxTokens = 1_000_000, MaxStopCount = 100;

    // In the order of their priority.
    private static readonly string[] s_maxTokens = ["max_gen_toks", "max_new_tokens", "max_tokens", "max_completion_tokens"];

    /// <summary>Reads the request's options.</summary>
    /// <param name="file">The task.</param>
    /// <param name="delimiter">The text after each few-shot example, at which answers end if the file states no other.</param>
    /// <param name="maxTokens">The caller's number of tokens, or null.</param>
    /// <exception cref="HarnessTaskException">An option is malformed or not supported.</exception>
    public static GenerationRequest Read(TaskFile file, string delimiter, int? maxTokens)
    {
        YamlValue? options = file.Find(Key);
        if (options is not null && options.Kind != YamlKind.Map)
            throw options.Fault(Key, "it is not a map");
        foreach ((string key, YamlValue value) in options?.Entries ?? [])
        {
            if (!s_maxTokens.Contains(key) && key is not ("until" or "do_sample" or "temperature" or "top_p" or "top_k") && !IsWithoutEffect(key, value))
                throw value.Fault(Key, $"the option '{key}' is not supported; remove it if answers may differ from lm-evaluation-harness'");
        }

        YamlValue? limit = s_maxTokens.Select(name => options?.Find(name)).FirstOrDefault(value => value is not null), until = options?.Find("until");
        IReadOnlyList<string> stops = until is null ? [delimiter] : TaskFile.TextsOf(until, Key);
        if (stops.Count > MaxStopCount)
            throw until!.Fault(Key, $"'until' has {stops.Count} texts; at most {MaxStopCount} are allowed");
        bool samples = options?.Find("do_sample") is not { } sample || TaskFile.BooleanOf(sample, Key);
        return new GenerationRequest("")
        {
            StopSequences = [.. stops.Where(stop => stop.Length > 0)],
            MaxTokens = maxTokens ?? (limit is null ? DefaultMaxTokens : TaskFile.IntegerOf(limit, Key, 1, MaxTokens)),
            Temperature = samples ? Number(options?.Find("temperature"), 0, 0, 100) : 0,
            TopP = Number(options?.Find("top_p"), 1, float.Epsilon, 1),
            TopK = options?.Find("top_k") is { } topK ? TaskFile.IntegerOf(topK, Key, 0, int.MaxValue) : 0,
        };
    }

    // The values that these options of transformers have if they are not stated.
    private static bool IsWithoutEffect(string key, YamlValue value) => (key, value.Text) switch
    {
        ("num_beams" or "num_return_sequences" or "repetition_penalty", "1" or "1.0") => true,
        ("min_p", "0" or "0.0") => true,
        _ => value.Kind == YamlKind.Null,
    };

    private static float Number(YamlValue? value, float otherwise, float least, float greatest)
    {
        if (value is null)
            return otherwise;
        double number = value.Kind is YamlKind.Float ? YamlScalar.ToDouble(value.Text)
            : value.Kind == YamlKind.Integer && YamlScalar.TryToInteger(value.Text, out long integer) ? integer
            : double.NaN;
        return number >= least && number <= greatest ? (float)number : throw value.Fault(Key, $"'{value.Text}' is not a number from {least} to {greatest}");
    }
}
