using System.Globalization;
using Llama2.Server.Answers;
using Llama2.Server.Endpoints;
using Llama2.Server.Errors;
using Llama2.Server.Models;
using Llama2.Server.Protocol;
using Llama2.Server.Requests;
using Llama2.Server.Writing;
using Microsoft.AspNetCore.Routing;

namespace Llama2.Server.Responses;

/// <summary><c>POST /v1/responses</c>, and <c>GET</c> and <c>DELETE</c> of stored responses.</summary>
internal sealed class ResponseEndpoints(EndpointServices services)
{
    /// <summary>The part of an address that names a response.</summary>
    public const string IdName = "response_id";

    /// <summary>The address of a stored response.</summary>
    public const string Address = $"/v1/responses/{{{IdName}}}";

    private const int DefaultPageLength = 20;
    private const int MaxPageLength = 100;
    private static readonly EventForm<ResponseEvent> s_form = new(ResponsesJson.Default.ResponseEvent) { NameOf = item => item.Type, End = null };
    private readonly ResponseStore _store = new(services.Options.MaxStoredResponseCount, services.Options.MaxStoredResponseByteSize);

    public async Task CreateAsync(HttpContext context, CancellationToken cancellationToken)
    {
        string? scope = services.Options.PrefixScope(context);
        RequestObject body = await RequestBody.ReadAsync(context.Request, services.Options.MaxBodyByteSize, cancellationToken).ConfigureAwait(false);
        ResponseRequest request = ResponseRequest.Read(body, services.Options, _store, scope, services.Now);
        using ModelLease lease = await services.Models.RentAsync(request.Chat.Model, cancellationToken).ConfigureAwait(false);
        request = request with { Response = request.Response with { Model = lease.Model.Id } };
        var parts = new ChoiceReader(request.Chat, lease.Model, ChatCompletions.ClientOf(lease.Model), scope);
        var generation = new ResponseGeneration(request, parts, _store, scope, () => services.Now);
        Func<Exception, Failure> failureOf = exception => services.FailureOf(exception, ResponseInput.Name);
        if (request.IsStreamed)
        {
            await EventStream.RunAsync(
                context, generation.StreamAsync(failureOf, context.RequestAborted, cancellationToken), s_form, failureOf, cancellationToken).ConfigureAwait(false);
        }
        else
        {
            ModelResponse response = await generation.CompleteAsync(cancellationToken).ConfigureAwait(false);
            await JsonAnswer.WriteAsync(context.Response, response, ResponsesJson.Default.ModelResponse).ConfigureAwait(false);
        }
    }

    public Task GetAsync(HttpContext context, CancellationToken cancellationToken)
    {
        if (RequestQuery.Find(context, "stream") is { } stream && bool.TryParse(stream, out bool isStreamed) && isStreamed)
            throw RequestException.Invalid("stream", "'stream' is true, but a stored response is complete; leave it out.", "unsupported_value");
        return JsonAnswer.WriteAsync(context.Response, Find(context).Json);
    }

    public Task DeleteAsync(HttpContext context, CancellationToken cancellationToken)
    {
        string id = IdOf(context);
        return _store.Remove(services.Options.PrefixScope(context), id)
            ? JsonAnswer.WriteAsync(context.Response, new DeletedResponse(id), ResponsesJson.Default.DeletedResponse)
            : throw NotFound(id);
    }

    public Task ListInputAsync(HttpContext context, CancellationToken cancellationToken)
    {
        IReadOnlyList<ResponseItem> items = Find(context).Input;
        bool isAscending = RequestQuery.Find(context, "order") switch
        {
            null or "desc" => false,
            "asc" => true,
            { } order => throw RequestException.Invalid("order", $"'order' is '{ErrorText.Shorten(order)}'; supported: asc, desc.", "unsupported_value"),
        };
        int limit = DefaultPageLength;
        if (RequestQuery.Find(context, "limit") is { } text && !(int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out limit) && limit is >= 1 and <= MaxPageLength))
            throw RequestException.Invalid("limit", $"'limit' is '{ErrorText.Shorten(text)}'; it must be an integer from 1 to {MaxPageLength}.", "out_of_range");
        ResponseItem[] ordered = isAscending ? [.. items] : [.. items.Reverse()];
        int start = 0;
        if (RequestQuery.Find(context, "after") is { } after && (start = Array.FindIndex(ordered, item => item.Id == after) + 1) == 0)
            throw RequestException.Invalid("after", $"'after' is '{ErrorText.Shorten(after)}', which is not the id of an item of this response.");
        ResponseItem[] page = [.. ordered.Skip(start).Take(limit)];
        var list = new ResponseItemList(page, page.FirstOrDefault()?.Id, page.LastOrDefault()?.Id, start + page.Length < ordered.Length);
        return JsonAnswer.WriteAsync(context.Response, list, ResponsesJson.Default.ResponseItemList);
    }

    private static string IdOf(HttpContext context) => (string)context.GetRouteValue(IdName)!;

    // A response of another user is not found, so that nobody learns which ids exist.
    private StoredResponse Find(HttpContext context) => _store.Find(services.Options.PrefixScope(context), IdOf(context)) ?? throw NotFound(IdOf(context));

    private static RequestException NotFound(string id) => new(
        StatusCodes.Status404NotFound,
        new ErrorDetail($"The response '{ErrorText.Shorten(id)}' is not stored on this server.", ErrorTypes.InvalidRequest, IdName, "response_not_found"));
}
