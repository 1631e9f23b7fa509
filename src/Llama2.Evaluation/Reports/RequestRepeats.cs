namespace Llama2.Evaluation.Reports;

/// <summary>A request with the responses to all its repeats, which lm-evaluation-harness stores as one request.</summary>
/// <param name="Request">The first of the requests.</param>
/// <param name="Responses">The responses, 1 or more.</param>
internal sealed record RequestRepeats(EvaluationRequest Request, IReadOnlyList<EvaluationResponse> Responses)
{
    /// <summary>The requests of an example, in their order.</summary>
    public static IEnumerable<RequestRepeats> Of(ExampleResult result)
    {
        IReadOnlyList<EvaluationRequest> requests = result.Example.Requests;
        for (int start = 0, end; start < requests.Count; start = end)
        {
            end = start + 1;
            while (end < requests.Count && IsRepeat(requests[end]))
                end++;
            yield return new RequestRepeats(requests[start], [.. result.Responses.Skip(start).Take(end - start)]);
        }
    }

    private static bool IsRepeat(EvaluationRequest request) => request is GenerationRequest { Repeat: > 0 };
}
