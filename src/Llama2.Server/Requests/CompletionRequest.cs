using System.Globalization;

namespace Llama2.Server.Requests;

/// <summary>A request of <c>POST /v1/completions</c>.</summary>
/// <param name="Model">The name of the model; null if the request names none.</param>
/// <param name="Prompts">The texts to be continued.</param>
/// <param name="Generation">How tokens are chosen and where the texts end.</param>
/// <param name="ChoiceCount">How many continuations of each text are requested.</param>
/// <param name="Echoes">Whether the answers begin with the prompts, and with their log-probabilities if any are requested.</param>
/// <param name="Generates">Whether the texts are continued; if not, the answers are only the prompts.</param>
/// <param name="Stream">Whether the answer is streamed.</param>
/// <param name="Suffix">The text that follows the gap after each prompt, which the model fills; null if the prompts are continued.</param>
internal sealed record CompletionRequest(
    string? Model, PromptField Prompts, GenerationOptions Generation, int ChoiceCount, bool Echoes, bool Generates, StreamFields Stream, string? Suffix)
{
    /// <summary>The field that contains the prompt.</summary>
    public const string PromptName = "prompt";

    private const string SuffixName = "suffix";

    // The limits and the default of OpenAI's reference.
    private const int DefaultTokenCount = 16;
    private const int MaxLogprobCount = 5;

    /// <summary>Reads a request.</summary>
    /// <param name="body">The request's JSON.</param>
    /// <param name="server">The limits, and the values of fields that the request does not state.</param>
    public static CompletionRequest Read(RequestObject body, LlamaServerOptions server)
    {
        string? model = body.Take("model")?.Text();
        PromptField prompts = PromptField.Read(body.Require(PromptName), server.MaxChoiceCount);
        int choiceCount = ReadChoiceCount(body, prompts.Count, server.MaxChoiceCount);
        bool echoes = body.Take("echo")?.Flag() ?? false;
        // A request without tokens to generate asks for the log-probabilities of its prompt.
        int maxTokens = body.Take("max_tokens")?.Integer(echoes ? 0 : 1, int.MaxValue) ?? DefaultTokenCount;
        GenerationOptions generation = SamplingFields.Read(body, server.Generation) with
        {
            MaxTokens = Math.Max(1, maxTokens),
            LogProbabilities = false,
            TopLogProbabilityCount = 0,
        };
        if (body.Take("logprobs") is { } logprobs)
            generation = generation with { LogProbabilities = true, TopLogProbabilityCount = logprobs.Integer(0, MaxLogprobCount) };

        StreamFields stream = StreamFields.Read(body);
        string? suffix = ReadSuffix(body, prompts, echoes);
        body.TakeTexts("user");
        body.End();
        return new CompletionRequest(model, prompts, generation, choiceCount, echoes, maxTokens > 0, stream, suffix);
    }

    /// <summary>Refuses a suffix if the model has no tokens for filling a gap.</summary>
    public void CheckSuffix(ModelTokenizer tokenizer)
    {
        if (Suffix is not null && tokenizer.InfillTokens is null)
            throw new RequestValue(default, SuffixName).Refuse("is not supported: this model cannot fill a gap; leave it out.", "unsupported_parameter");
    }

    // An empty suffix is none.
    private static string? ReadSuffix(RequestObject body, PromptField prompts, bool echoes)
    {
        if (body.Take(SuffixName) is not { } value || value.Text(0, ModelTokenizer.MaxTextLength) is not { Length: > 0 } suffix)
            return null;
        return !prompts.AreTexts ? throw value.Refuse($"is allowed only if '{PromptName}' consists of texts.")
            : echoes ? throw value.Refuse("is not allowed together with 'echo': true.")
            : suffix;
    }

    // best_of asks for more texts than are returned, to choose among them.
    private static int ReadChoiceCount(RequestObject body, int promptCount, int maxCount)
    {
        RequestValue? value = body.Take("n");
        int count = value?.Integer(1, maxCount) ?? 1;
        if ((long)count * promptCount > maxCount)
            throw value!.Value.Refuse(string.Create(CultureInfo.InvariantCulture, $"is {count} for {promptCount} prompts; a request may ask for {maxCount} texts."));
        if (body.Take("best_of") is { } best && best.Integer(1, maxCount) != count)
            throw best.Refuse("is not 'n', which is not supported; leave it out.", "unsupported_value");
        return count;
    }
}
