using Llama2.Server.Accounting;
using Microsoft.Extensions.Logging;

namespace Llama2.Server.Security;

/// <summary>Writes one line for each request. It contains no text of requests and answers, and no key. Thread-safe.</summary>
internal sealed partial class RequestLog(ILogger logger) : IRequestObserver
{
    public void OnEnded(RequestRecord record)
    {
        // Probes come every few seconds.
        if (record.Endpoint.Contains("/health", StringComparison.Ordinal))
        {
            LogProbe(logger, record.Endpoint, record.Status);
            return;
        }

        LogRequest(
            logger, record.Endpoint, record.Status, record.ErrorCode ?? "none", record.ModelId ?? "none", record.KeyName ?? "none",
            record.PromptTokenCount, record.CachedTokenCount, record.GeneratedTokenCount, Math.Round(record.Duration.TotalMilliseconds, 1), record.IsAborted);
    }

    [LoggerMessage(2, LogLevel.Information, "{Endpoint}: {Status}, error {ErrorCode}, model {Model}, key {Key}, {PromptTokens} ({CachedTokens} cached) + {GeneratedTokens} tokens, {Milliseconds} ms, aborted {IsAborted}")]
    private static partial void LogRequest(
        ILogger logger, string endpoint, int status, string errorCode, string model, string key, int promptTokens, int cachedTokens, int generatedTokens,
        double milliseconds, bool isAborted);

    [LoggerMessage(7, LogLevel.Debug, "{Endpoint}: {Status}")]
    private static partial void LogProbe(ILogger logger, string endpoint, int status);
}
