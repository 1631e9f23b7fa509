using Llama2.Server.Protocol;

namespace Llama2.Server.Responses;

/// <summary>An event of a streamed response. Fields that an event does not have are null.</summary>
/// <param name="Type">The event's name, such as <c>response.output_text.delta</c>.</param>
internal sealed record ResponseEvent(string Type)
{
    /// <summary>The event's sequence number in the stream, from 0 on.</summary>
    public int SequenceNumber { get; set; }

    public ModelResponse? Response { get; init; }

    public string? ItemId { get; init; }

    public int? OutputIndex { get; init; }

    public int? ContentIndex { get; init; }

    public ResponseItem? Item { get; init; }

    public ResponseContent? Part { get; init; }

    /// <summary>What is added to a text or to the arguments of a call.</summary>
    public string? Delta { get; init; }

    /// <summary>A whole text.</summary>
    public string? Text { get; init; }

    public IReadOnlyList<TokenLogprob>? Logprobs { get; init; }

    /// <summary>The name of the function whose arguments are complete.</summary>
    public string? Name { get; init; }

    /// <summary>The whole arguments of a call.</summary>
    public string? Arguments { get; init; }

    /// <summary>The name of an error for programs.</summary>
    public string? Code { get; init; }

    /// <summary>What is wrong.</summary>
    public string? Message { get; init; }

    /// <summary>The field of the request that causes an error.</summary>
    public string? Param { get; init; }
}
