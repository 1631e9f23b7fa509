using System.Net;
using System.Net.Http.Headers;

namespace Llama2.Store;

/// <summary>
/// A response whose body is read in parts, with a time limit for each part. A lost or stalled connection causes a <see cref="TransientException"/>. A
/// connection is also treated as stalled if the body arrives too slowly, so that a server cannot delay a pull forever.
/// </summary>
internal sealed class HubResponse : IDisposable
{
    private const int StallByteSize = 16 << 10;
    private readonly HttpResponseMessage _message;
    private readonly Stream _body;
    private readonly CancellationTokenSource _deadline;
    private readonly CancellationToken _cancellationToken;
    private readonly TimeSpan _stallTimeout;
    private int _receivedSinceDeadline;

    /// <param name="message">The response, whose headers have been read; it is disposed with this object.</param>
    /// <param name="body">The response's body.</param>
    /// <param name="stallTimeout">The time within which at least 16 KiB must arrive.</param>
    /// <param name="cancellationToken">Cancels the reading.</param>
    public HubResponse(HttpResponseMessage message, Stream body, TimeSpan stallTimeout, CancellationToken cancellationToken)
    {
        _message = message;
        _body = body;
        _stallTimeout = stallTimeout;
        _cancellationToken = cancellationToken;
        _deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        _deadline.CancelAfter(stallTimeout);
    }

    public HttpStatusCode Status => _message.StatusCode;

    /// <summary>The size of the body in bytes, if the server states it.</summary>
    public long? ByteSize => _message.Content.Headers.ContentLength;

    /// <summary>The range of the file's bytes that the body contains; null if the server does not state it.</summary>
    public ContentRangeHeaderValue? Range => _message.Content.Headers.ContentRange;

    /// <summary>
    /// The strong entity tag of this content on this server: the same tag guarantees the same bytes (RFC 9110 §8.8.3, §13.1.5). Null if there is
    /// none.
    /// </summary>
    public string? StrongEntityTag => _message.Headers.ETag is { IsWeak: false, Tag: var tag } ? tag : null;

    /// <summary>Reads some bytes and returns their number; 0 at the end.</summary>
    /// <exception cref="TransientException">The connection is lost or stalled.</exception>
    public async ValueTask<int> ReadAsync(Memory<byte> buffer)
    {
        int received;
        try
        {
            received = await _body.ReadAsync(buffer, _deadline.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!_cancellationToken.IsCancellationRequested)
        {
            throw HubClient.Stalled(_stallTimeout);
        }
        catch (Exception exception) when (exception is IOException or HttpRequestException)
        {
            throw new TransientException("the connection was lost", innerException: exception);
        }

        _receivedSinceDeadline += received;
        if (_receivedSinceDeadline >= StallByteSize)
        {
            _receivedSinceDeadline = 0;
            _deadline.CancelAfter(_stallTimeout);
        }

        return received;
    }

    public void Dispose()
    {
        _deadline.Dispose();
        _message.Dispose();
    }
}
