namespace Llama2.Server.Responses;

/// <summary>Why a response is not complete.</summary>
/// <param name="Reason">Always <c>max_output_tokens</c>: the limit, or the end of the context.</param>
internal sealed record ResponseIncompleteDetails(string Reason = "max_output_tokens");
