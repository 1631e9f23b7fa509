using System.Buffers;
using System.IO.Pipelines;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Llama2.Server.Errors;
using Llama2.Server.Protocol;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection;

namespace Llama2.Server.Writing;

/// <summary>Writes an answer as server-sent events, each of which is sent at once. The events are written into the response's own buffer.</summary>
internal sealed class EventStream : IDisposable
{
    // A client that reads nothing keeps the places of all its choices, while other requests wait for them.
    private static readonly TimeSpan s_sendingLimit = TimeSpan.FromSeconds(30);
    private readonly HttpResponse _response;
    private readonly Utf8JsonWriter _json;
    private bool _hasBegun;

    private EventStream(HttpResponse response)
    {
        _response = response;
        _json = new Utf8JsonWriter(response.BodyWriter, ProtocolJson.Writing);
    }

    /// <summary>Writes events as OpenAI's chats have them, and <c>[DONE]</c> after the last.</summary>
    /// <inheritdoc cref="RunAsync{T}(HttpContext, IAsyncEnumerable{T}, EventForm{T}, Func{Exception, Failure}, CancellationToken)"/>
    public static Task RunAsync<T>(
        HttpContext context, IAsyncEnumerable<T> events, JsonTypeInfo<T> type, Func<Exception, Failure> failureOf, CancellationToken cancellationToken) =>
        RunAsync(context, events, new EventForm<T>(type), failureOf, cancellationToken);

    /// <summary>
    /// Writes events. The response begins with the first event, so that a request that fails before has a status of its own.
    /// A later error is the last event.
    /// </summary>
    /// <param name="context">The request.</param>
    /// <param name="events">The events; the enumeration is disposed when the client disconnects.</param>
    /// <param name="form">How an event is written.</param>
    /// <param name="failureOf">Finds the error to report for an exception.</param>
    /// <param name="cancellationToken">Ends the enumeration.</param>
    public static async Task RunAsync<T>(
        HttpContext context, IAsyncEnumerable<T> events, EventForm<T> form, Func<Exception, Failure> failureOf, CancellationToken cancellationToken)
    {
        using var stream = new EventStream(context.Response);
        try
        {
            await foreach (T item in events.WithCancellation(cancellationToken).ConfigureAwait(false))
                await stream.SendAsync(item, form).ConfigureAwait(false);
        }
#pragma warning disable CA1031 // The status has been sent, so an event is the only way to tell the client.
        catch (Exception exception) when (stream._hasBegun && !context.RequestAborted.IsCancellationRequested)
#pragma warning restore CA1031
        {
            await stream.SendErrorAsync(failureOf(exception), form).ConfigureAwait(false);
            return;
        }

        await stream.EndAsync(form.End).ConfigureAwait(false);
    }

    public void Dispose() => _json.Dispose();

    private ValueTask<FlushResult> SendAsync<T>(T item, EventForm<T> form)
    {
        BeginEvent(form.NameOf?.Invoke(item));
        JsonSerializer.Serialize(_json, item, form.Type);
        return EndEventAsync();
    }

    private ValueTask<FlushResult> SendErrorAsync<T>(Failure failure, EventForm<T> form)
    {
        BeginEvent(form.ErrorName);
        form.WriteError(_json, failure);
        return EndEventAsync();
    }

    private void BeginEvent(string? name)
    {
        Begin();
        if (name is not null)
        {
            _response.BodyWriter.Write("event: "u8);
            Encoding.UTF8.GetBytes(name, _response.BodyWriter);
            _response.BodyWriter.Write("\n"u8);
        }

        _response.BodyWriter.Write("data: "u8);
    }

    private ValueTask<FlushResult> EndEventAsync()
    {
        _json.Flush();
        _json.Reset(_response.BodyWriter);
        _response.BodyWriter.Write("\n\n"u8);
        return FlushAsync();
    }

    private void Begin()
    {
        if (_hasBegun)
            return;
        _hasBegun = true;
        _response.ContentType = "text/event-stream; charset=utf-8";
        _response.Headers.CacheControl = "no-cache, no-store";
        // Compression and proxies would hold events back.
        _response.Headers["X-Accel-Buffering"] = "no";
        _response.HttpContext.Features.Get<IHttpResponseBodyFeature>()?.DisableBuffering();
    }

    private async ValueTask EndAsync(string? end)
    {
        Begin();
        if (end is not null)
        {
            BeginEvent(null);
            Encoding.UTF8.GetBytes(end, _response.BodyWriter);
            _response.BodyWriter.Write("\n\n"u8);
        }

        await FlushAsync().ConfigureAwait(false);
    }

    // Not the token of the answer: the web server closes a connection if its writing is cancelled, and when the server stops, the last event must still be sent.
    private ValueTask<FlushResult> FlushAsync()
    {
        ValueTask<FlushResult> sending = _response.BodyWriter.FlushAsync(_response.HttpContext.RequestAborted);
        return sending.IsCompleted ? sending : FinishInTimeAsync(sending);
    }

    // The end of the connection cancels the request with all its choices.
    private async ValueTask<FlushResult> FinishInTimeAsync(ValueTask<FlushResult> sending)
    {
        HttpContext context = _response.HttpContext;
        TimeProvider clock = context.RequestServices.GetService<TimeProvider>() ?? TimeProvider.System;
        ITimer deadline = clock.CreateTimer(_ => context.Abort(), null, s_sendingLimit, Timeout.InfiniteTimeSpan);
        await using (deadline.ConfigureAwait(false))
            return await sending.ConfigureAwait(false);
    }
}
