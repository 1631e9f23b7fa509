using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Routing;

namespace Llama2.Server.Accounting;

/// <summary>Begins and ends the records of requests, and notifies observers when requests end. Thread-safe.</summary>
/// <param name="observers">The observers that are notified.</param>
/// <param name="clock">Measures the time.</param>
/// <param name="options">The limits of requests.</param>
/// <param name="logPrompt">Receives the prompts; null if they are not to be logged.</param>
internal sealed class RequestLedger(IEnumerable<IRequestObserver> observers, TimeProvider clock, LlamaServerOptions options, Action<string>? logPrompt)
{
    private const int ClientClosedRequest = 499;
    private readonly List<IRequestObserver> _observers = [.. observers];

    /// <summary>Adds an observer. Called before the first request.</summary>
    public void Add(IRequestObserver observer) => _observers.Add(observer);

    /// <summary>Begins the record of a request, which becomes a feature of its context.</summary>
    /// <param name="context">The request.</param>
    /// <param name="keyName">The name of the API key that the request sent; null for none.</param>
    public RequestRecord Begin(HttpContext context, string? keyName)
    {
        string endpoint = (context.GetEndpoint() as RouteEndpoint)?.RoutePattern.RawText ?? "";
        var record = new RequestRecord(endpoint, clock, options) { KeyName = keyName, LogPrompt = logPrompt };
        context.Features.Set(record);
        return record;
    }

    /// <summary>Completes the record of a request. Called once for each record.</summary>
    public void End(RequestRecord record, HttpContext context)
    {
        bool isAborted = context.RequestAborted.IsCancellationRequested;
        record.End(isAborted && !context.Response.HasStarted ? ClientClosedRequest : context.Response.StatusCode, isAborted);
        // Only models that exist are recorded, so the tag of ASP.NET Core's metrics has few values.
        if (record.ModelId is { } model)
            context.Features.Get<IHttpMetricsTagsFeature>()?.Tags.Add(new("gen_ai.request.model", model));
        foreach (IRequestObserver observer in _observers)
            observer.OnEnded(record);
    }
}
