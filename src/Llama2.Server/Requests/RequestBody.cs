using System.Text.Json;
using System.Text.Unicode;
using Llama2.Server.Accounting;
using Llama2.Server.Errors;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Net.Http.Headers;

namespace Llama2.Server.Requests;

/// <summary>Reads the JSON of a request, whose size is limited.</summary>
internal static class RequestBody
{
    private const int FirstByteSize = 4096;
    // The depth to which System.Text.Json reads documents by default.
    private const int MaxDepth = 64;
    // With two fields of the same name, it would be unclear which of them applies.
    private static readonly JsonDocumentOptions s_reading = new() { AllowDuplicateProperties = false, MaxDepth = MaxDepth };

    /// <summary>Reads the object that the body contains.</summary>
    /// <param name="request">The request.</param>
    /// <param name="maxByteSize">The maximum size of the body in bytes.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <exception cref="RequestException">The body is too large, or is not a JSON object in UTF-8.</exception>
    public static async Task<RequestObject> ReadAsync(HttpRequest request, long maxByteSize, CancellationToken cancellationToken)
    {
        // A web page can make a browser send other types to this machine without a preflight request, but not this one.
        if (!request.HasJsonContentType() || !IsUtf8(request))
            throw Unsupported("The request's body must be JSON in UTF-8, with the header Content-Type: application/json.", "unsupported_content_type");
        if (request.Headers.ContentEncoding is { Count: > 0 } encodings && encodings is not ["identity"])
        {
            request.HttpContext.Response.Headers.AcceptEncoding = "identity";
            throw Unsupported("The request's body is compressed; send it without the header Content-Encoding.", "unsupported_content_encoding");
        }

        ReadOnlyMemory<byte> body = await ReadInTimeAsync(request, maxByteSize, cancellationToken).ConfigureAwait(false);
        if (!Utf8.IsValid(body.Span))
            throw RequestException.Invalid(null, "The request's body is not valid UTF-8.", "invalid_json");
        try
        {
            var value = new RequestValue(JsonElement.Parse(body.Span, s_reading), "");
            return value.IsObject ? value.Object() : throw RequestException.Invalid(null, "The request's body must be a JSON object.", "invalid_json");
        }
        catch (JsonException exception)
        {
            // The exception's own message may quote the prompt.
            throw RequestException.Invalid(null, $"The request's body {JsonFault.Describe(body.Span, exception, MaxDepth)}", "invalid_json");
        }
        catch (InvalidOperationException)
        {
            // The parser compares the names of fields.
            throw RequestException.Invalid(
                null, "The request's body is not valid JSON: the name of a field has half of a surrogate pair, which is not a character.", "invalid_json");
        }
    }

    // JSON has no parameter charset, but many clients send it.
    private static bool IsUtf8(HttpRequest request) =>
        MediaTypeHeaderValue.TryParse(request.ContentType, out MediaTypeHeaderValue? type)
        && (!type.Charset.HasValue || type.Charset.Value.Trim('"') is var charset
            && (charset.Equals("utf-8", StringComparison.OrdinalIgnoreCase) || charset.Equals("utf8", StringComparison.OrdinalIgnoreCase)
                || charset.Equals("us-ascii", StringComparison.OrdinalIgnoreCase)));

    private static RequestException Unsupported(string message, string code) =>
        new(StatusCodes.Status415UnsupportedMediaType, new(message, ErrorTypes.InvalidRequest, null, code));

    // A request occupies memory from its first byte on, so the time for its body is limited.
    private static async Task<ReadOnlyMemory<byte>> ReadInTimeAsync(HttpRequest request, long maxByteSize, CancellationToken cancellationToken)
    {
        using CancellationTokenSource? deadline = request.HttpContext.Features.Get<RequestRecord>()?.StartBodyDeadline();
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, deadline?.Token ?? CancellationToken.None);
        try
        {
            return await ReadBytesAsync(request, maxByteSize, ending.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (deadline?.IsCancellationRequested == true && !cancellationToken.IsCancellationRequested)
        {
            // The rest of the body is not read.
            if (HttpProtocol.IsHttp11(request.Protocol) || HttpProtocol.IsHttp10(request.Protocol))
                request.HttpContext.Response.Headers.Connection = "close";
            throw RequestException.SlowBody();
        }
    }

    private static async Task<ReadOnlyMemory<byte>> ReadBytesAsync(HttpRequest request, long maxByteSize, CancellationToken cancellationToken)
    {
        // The web server's limit applies to all requests of the application, and may be lower. It is not lowered here: Kestrel closes the connection when
        // its own limit is exceeded, and the client could then miss the answer.
        if (request.HttpContext.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit && limit.MaxRequestBodySize < maxByteSize)
            limit.MaxRequestBodySize = maxByteSize;
        if (request.ContentLength > maxByteSize)
            throw TooLarge(maxByteSize);

        // The length that a client states is not trusted: the memory grows with the bytes that have arrived.
        var bytes = new byte[FirstByteSize];
        int count = 0, read;
        while ((read = await request.Body.ReadAsync(bytes.AsMemory(count), cancellationToken).ConfigureAwait(false)) > 0)
        {
            count += read;
            if (count > maxByteSize)
                throw TooLarge(maxByteSize);
            if (count == bytes.Length)
                Array.Resize(ref bytes, (int)Math.Min(2L * bytes.Length, Math.Min(maxByteSize + 1, Array.MaxLength)));
        }

        return bytes.AsMemory(0, count);
    }

    private static RequestException TooLarge(long maxByteSize) => new(StatusCodes.Status413PayloadTooLarge, Failure.TooLarge(maxByteSize));
}
