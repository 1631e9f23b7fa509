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
        WriteAsync(response, new ErrorBody(failure.Error), ProtocolJson.Default.ErrorBody, failure.Status);
}
