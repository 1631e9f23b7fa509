using System.Buffers;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Llama2.Server.Errors;
using Llama2.Server.Protocol;

namespace Llama2.Server.Writing;

/// <summary>Writes an answer whose body is one JSON object.</summary>
internal static class JsonAnswer
{
    private const string ContentType = "application/json; charset=utf-8";

    // In seconds. A waiting call often waits for less, but clients that all come back at once would be refused again.
    private const string RetryAfter = "1";

    public static async Task WriteAsync<T>(HttpResponse response, T value, JsonTypeInfo<T> type, int status = StatusCodes.Status200OK)
    {
        response.StatusCode = status;
        response.ContentType = ContentType;
        using (var writer = new Utf8JsonWriter(response.BodyWriter, ProtocolJson.Writing))
            JsonSerializer.Serialize(writer, value, type);
        // Not the token that is also cancelled when the server stops: the web server closes a connection if its writing is cancelled.
        await response.BodyWriter.FlushAsync(response.HttpContext.RequestAborted).ConfigureAwait(false);
    }

    /// <summary>The JSON of an answer, to be kept.</summary>
    public static byte[] ToBytes<T>(T value, JsonTypeInfo<T> type)
    {
        var bytes = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(bytes, ProtocolJson.Writing))
            JsonSerializer.Serialize(writer, value, type);
        return bytes.WrittenSpan.ToArray();
    }

    /// <summary>Writes JSON that was kept.</summary>
    public static async Task WriteAsync(HttpResponse response, ReadOnlyMemory<byte> json)
    {
        response.ContentType = ContentType;
        await response.BodyWriter.WriteAsync(json, response.HttpContext.RequestAborted).ConfigureAwait(false);
    }

    /// <summary>Writes an error in OpenAI's form.</summary>
    public static Task WriteAsync(HttpResponse response, Failure failure) =>
        WriteAsync(response, failure, new ErrorBody(failure.Error), ProtocolJson.Default.ErrorBody, failure.Status);

    /// <summary>Writes an error in another protocol's form.</summary>
    /// <param name="response">The answer.</param>
    /// <param name="failure">The error.</param>
    /// <param name="body">The error in the protocol's form.</param>
    /// <param name="type">How the body is written.</param>
    /// <param name="status">The status in this protocol.</param>
    public static Task WriteAsync<T>(HttpResponse response, Failure failure, T body, JsonTypeInfo<T> type, int status)
    {
        if (failure.InvitesRetry && response.Headers.RetryAfter.Count == 0)
            response.Headers.RetryAfter = RetryAfter;
        return WriteAsync(response, body, type, status);
    }
}
