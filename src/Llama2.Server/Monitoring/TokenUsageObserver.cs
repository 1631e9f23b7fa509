using System.Diagnostics;
using System.Diagnostics.Metrics;
using Llama2.Extensions;
using Llama2.Server.Accounting;

namespace Llama2.Server.Monitoring;

/// <summary>
/// Measures the tokens of each request as its client sees them: a prompt counts once, however many answers were requested, and tokens that were generated before
/// the client left count too. The name and the boundaries are those of OpenTelemetry's conventions for generative AI.
/// </summary>
internal sealed class TokenUsageObserver(Meter meter) : IRequestObserver
{
    private readonly Histogram<long> _usage = meter.CreateHistogram(
        "gen_ai.client.token.usage", "{token}", "Tokens of requests; the tag gen_ai.token.type says whether they belong to prompts (input) or to answers (output).", null,
        new InstrumentAdvice<long> { HistogramBucketBoundaries = [1, 4, 16, 64, 256, 1024, 4096, 16384, 65536, 262144, 1048576, 4194304, 16777216, 67108864] });

    public void OnEnded(RequestRecord record)
    {
        if (record.ModelId is not { } model || record.PromptTokenCount == 0)
            return;
        string operation = OperationOf(record.Endpoint);
        Record(operation, model, "input", record.PromptTokenCount);
        if (operation != "embeddings")
            Record(operation, model, "output", record.GeneratedTokenCount);
    }

    private void Record(string operation, string model, string type, long count) => _usage.Record(count, new TagList
    {
        { "gen_ai.operation.name", operation },
        { "gen_ai.provider.name", LlamaTelemetry.ProviderName },
        { "gen_ai.token.type", type },
        { "gen_ai.request.model", model },
        { "gen_ai.response.model", model },
    });

    // All other endpoints that compute are protocols for chats.
    private static string OperationOf(string endpoint) =>
        endpoint.EndsWith("/embeddings", StringComparison.Ordinal) ? "embeddings"
        : endpoint.EndsWith("/completions", StringComparison.Ordinal) && !endpoint.EndsWith("/chat/completions", StringComparison.Ordinal) ? "text_completion"
        : "chat";
}
