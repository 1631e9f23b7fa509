using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Llama2.Evaluation.Data.Parquet;

/// <summary>Writes rows one after the other into the same buffer. Not thread-safe.</summary>
internal sealed class RowBuffer : IDisposable
{
    private readonly ArrayBufferWriter<byte> _buffer = new(1024);
    private readonly Utf8JsonWriter _writer;

    public RowBuffer() => _writer = new Utf8JsonWriter(_buffer, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });

    /// <summary>The size of the last row in bytes, as JSON in UTF-8.</summary>
    public int ByteSize => _buffer.WrittenCount;

    /// <summary>Writes a row.</summary>
    /// <param name="writeFields">Writes the fields of the object, which is already begun.</param>
    /// <param name="limits">The limits.</param>
    /// <exception cref="FormatException">The row exceeds a limit.</exception>
    public JsonElement Write(Action<Utf8JsonWriter> writeFields, ParquetLimits limits)
    {
        _buffer.ResetWrittenCount();
        _writer.Reset();
        _writer.WriteStartObject();
        writeFields(_writer);
        _writer.WriteEndObject();
        _writer.Flush();
        if (_buffer.WrittenCount > limits.MaxRowByteSize)
            throw new FormatException($"the row has more than {limits.MaxRowByteSize} bytes as JSON; {limits.Remedy(nameof(limits.MaxRowByteSize))}");
        try
        {
            return JsonElement.Parse(_buffer.WrittenSpan, new JsonDocumentOptions { MaxDepth = limits.MaxDepth });
        }
        catch (JsonException exception)
        {
            throw new FormatException($"the row is nested deeper than {limits.MaxDepth} levels", exception);
        }
    }

    public void Dispose() => _writer.Dispose();
}
