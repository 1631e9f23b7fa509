using Llama2.Extensions.Telemetry;

namespace Llama2.Server.Accounting;

/// <summary>
/// The data of a request: its endpoint, its model, its tokens, and at its end its status and duration. It is a feature of the request's context.
/// </summary>
/// <param name="endpoint">The pattern of the endpoint's route, such as <c>/v1/chat/completions</c>.</param>
/// <param name="clock">Measures the time.</param>
/// <param name="options">The limits of the request.</param>
internal sealed class RequestRecord(string endpoint, TimeProvider clock, LlamaServerOptions options) : RequestUsage(options.MaxContextTokenCount)
{
    private readonly long _start = clock.GetTimestamp();
    private long _end;

    public string Endpoint => endpoint;

    /// <summary>The status of the answer: 499 if the client left before the answer began.</summary>
    public int Status { get; private set; }

    /// <summary>The name of the API key that the request sent; null for none.</summary>
    public string? KeyName { get; init; }

    /// <summary>Receives the prompts, if they are to be logged.</summary>
    public Action<string>? LogPrompt { get; init; }

    /// <summary>Is cancelled when the time for the answer is over.</summary>
    public CancellationToken Deadline { get; set; }

    /// <summary>The code of the error with which the answer ended, also within a stream; null for none.</summary>
    public string? ErrorCode { get; set; }

    /// <summary>Whether the client left before the end of the answer.</summary>
    public bool IsAborted { get; private set; }

    /// <summary>The time from the beginning of the request to its end, or until now.</summary>
    public TimeSpan Duration => clock.GetElapsedTime(_start, _end == 0 ? clock.GetTimestamp() : _end);

    /// <summary>Is cancelled when the time for the request's body is over. Called when the body begins to be read.</summary>
    public CancellationTokenSource StartBodyDeadline() => new(options.BodyTimeout, clock);

    public override void ReadPrompt(ReadOnlyMemory<int> tokens, ModelTokenizer tokenizer) => LogPrompt?.Invoke(tokenizer.Decode(tokens.Span));

    /// <summary>Records the end of the answer.</summary>
    public void End(int status, bool isAborted)
    {
        _end = clock.GetTimestamp();
        Status = status;
        IsAborted = isAborted;
    }
}
