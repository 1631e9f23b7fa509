using Llama2.Server.Requests;

namespace Llama2.Server.LlamaCpp;

/// <summary>A request of <c>POST /infill</c>.</summary>
/// <param name="Model">The name of the model; null if the request names none.</param>
/// <param name="Prefix">The text before the gap.</param>
/// <param name="Suffix">The text after the gap.</param>
/// <param name="Extra">Texts of other files, which come before the prefix; the last is the most important.</param>
/// <param name="Generation">How tokens are chosen and where the text ends.</param>
/// <param name="Generates">Whether a text is requested; if not, the prompt is only computed, so that the next request finds it.</param>
/// <param name="ReturnsTokens">Whether the answer has the tokens of the text.</param>
/// <param name="IsStreamed">Whether the answer comes as server-sent events.</param>
internal sealed record InfillRequest(
    string? Model, string Prefix, string Suffix, IReadOnlyList<string> Extra, GenerationOptions Generation, bool Generates, bool ReturnsTokens, bool IsStreamed)
{
    /// <summary>The field with the text before the gap.</summary>
    public const string PrefixName = "input_prefix";

    private const int MaxExtraCount = 1024;

    /// <summary>Reads a request.</summary>
    /// <param name="body">The request's JSON.</param>
    /// <param name="server">The limits, and the values of fields that the request does not state.</param>
    public static InfillRequest Read(RequestObject body, LlamaServerOptions server)
    {
        string? model = body.Take("model")?.Text();
        string prefix = ReadText(body.Require(PrefixName)), suffix = ReadText(body.Require("input_suffix"));
        // The beginning of the text in the gap, which comes after the prefix.
        if (body.Take("prompt") is { } beginning)
            prefix += ReadText(beginning);
        string[] extra = [.. (body.Take("input_extra")?.List(0, MaxExtraCount) ?? []).Select(ReadExtra)];
        GenerationOptions generation = SamplingSettings.Read(body, server.Generation);
        RequestValue? limit = body.Take("n_predict");
        int count = limit?.Integer(-1, int.MaxValue) ?? generation.MaxTokens ?? -1;
        generation = generation with { MaxTokens = count < 0 ? null : Math.Max(1, count) };
        bool returnsTokens = body.Take("return_tokens")?.Flag() ?? false, isStreamed = body.Take("stream")?.Flag() ?? false;
        TakeFieldsWithoutEffect(body);
        body.Refuse("grammar", "json_schema", "logit_bias", "lora", "n_probs", "post_sampling_probs");
        body.End();
        return new InfillRequest(model, prefix, suffix, extra, generation, count != 0, returnsTokens, isStreamed);
    }

    private static string ReadText(RequestValue value) => value.Text(0, ModelTokenizer.MaxTextLength);

    private static string ReadExtra(RequestValue value)
    {
        RequestObject chunk = value.Object();
        string text = ReadText(chunk.Require("text"));
        // The models have no token that separates files by their names.
        chunk.TakeTexts("filename");
        chunk.End();
        return text;
    }

    // Fields that concern only the internals of llama.cpp's server, and limits of time and indentation, which the library does not have.
    private static void TakeFieldsWithoutEffect(RequestObject body)
    {
        foreach (string name in (string[])["id_slot", "n_keep", "n_indent", "t_max_prompt_ms", "t_max_predict_ms", "min_keep", "n_cache_reuse"])
            body.Take(name)?.Integer(-1, int.MaxValue);
        body.Take("timings_per_token")?.Flag();
        foreach (string name in (string[])["samplers", "response_fields"])
        {
            foreach (RequestValue item in body.Take(name)?.List(0, 256) ?? [])
                item.Text();
        }
    }
}
