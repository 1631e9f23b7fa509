using System.Runtime.CompilerServices;
using Llama2.Server.Answers;
using Llama2.Server.Errors;
using Llama2.Server.Writing;

namespace Llama2.Server.Responses;

/// <summary>Generates a response.</summary>
/// <param name="request">The request.</param>
/// <param name="parts">Generates the answer.</param>
/// <param name="store">Gets the complete response, unless the request says otherwise.</param>
/// <param name="scope">The prefix scope of the request.</param>
/// <param name="clock">The time, in seconds since 1970.</param>
internal sealed class ResponseGeneration(ResponseRequest request, ChoiceReader parts, ResponseStore store, string? scope, Func<long> clock)
{
    /// <summary>The whole response.</summary>
    public async Task<ModelResponse> CompleteAsync(CancellationToken cancellationToken)
    {
        var output = new ResponseOutput(null);
        await foreach (ChoicePart part in parts.ReadAsync(0, cancellationToken).ConfigureAwait(false))
            output.Add(part);
        return Finish(output);
    }

    /// <summary>The response as events. A fault before the first event is thrown; a later one is reported by the last two events.</summary>
    /// <param name="failureOf">Finds the error to report for an exception.</param>
    /// <param name="clientLeft">Is cancelled when the client has left; then no error is reported, but thrown.</param>
    /// <param name="cancellationToken">Ends the generation.</param>
    public async IAsyncEnumerable<ResponseEvent> StreamAsync(
        Func<Exception, Failure> failureOf, CancellationToken clientLeft, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var events = new ResponseEventQueue();
        var output = new ResponseOutput(events);
        Failure? failure = null;
        bool hasBegun = false;
        await using IAsyncEnumerator<ChoicePart> updates = parts.ReadAsync(0, cancellationToken).GetAsyncEnumerator(cancellationToken);
        while (true)
        {
            try
            {
                if (!await updates.MoveNextAsync().ConfigureAwait(false))
                    break;
            }
#pragma warning disable CA1031 // The status has been sent, so events are the only way to tell the client.
            catch (Exception exception) when (hasBegun && !clientLeft.IsCancellationRequested)
#pragma warning restore CA1031
            {
                failure = failureOf(exception);
                break;
            }

            if (!hasBegun)
                Begin(events);
            hasBegun = true;
            output.Add(updates.Current);
            foreach (ResponseEvent item in events.Pending)
                yield return item;
            events.Clear();
        }

        if (failure is null)
            AddEnd(events, Finish(output));
        else
            AddFailure(events, failure, output);
        foreach (ResponseEvent item in events.Pending)
            yield return item;
    }

    private void Begin(ResponseEventQueue events)
    {
        events.Add(new ResponseEvent("response.created") { Response = request.Response });
        events.Add(new ResponseEvent("response.in_progress") { Response = request.Response });
    }

    private static void AddEnd(ResponseEventQueue events, ModelResponse response) => events.Add(new ResponseEvent($"response.{response.Status}") { Response = response });

    private void AddFailure(ResponseEventQueue events, Failure failure, ResponseOutput output)
    {
        string code = failure.Error.Code ?? failure.Error.Type;
        events.Add(new ResponseEvent("error") { Code = code, Message = failure.Error.Message, Param = failure.Error.Param });
        AddEnd(events, request.Response with { Status = ResponseStatus.Failed, Error = new ResponseError(code, failure.Error.Message), Output = output.Items });
    }

    private ModelResponse Finish(ResponseOutput output)
    {
        ModelResponse response = request.Response with
        {
            Status = output.IsCutOff ? ResponseStatus.Incomplete : ResponseStatus.Completed,
            CompletedAt = output.IsCutOff ? null : clock(),
            IncompleteDetails = output.IsCutOff ? new ResponseIncompleteDetails() : null,
            Output = output.Items,
            Usage = output.Usage is { } usage ? ResponseUsage.Of(usage) : null,
        };
        if (response.Store)
        {
            byte[] json = JsonAnswer.ToBytes(response, ResponsesJson.Default.ModelResponse);
            store.Add(new StoredResponse(response.Id, scope, json, request.Conversation, [.. output.Items.Select(item => item.WithoutLogprobs())]));
        }

        return response;
    }
}
