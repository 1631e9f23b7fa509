using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using Llama2.Templating.Characters;
using static System.FormattableString;

namespace Llama2.Evaluation.Data.Input;

/// <summary>Writes rows one after the other into the same buffer. Not thread-safe.</summary>
internal sealed class RowWriter : IDisposable
{
    private readonly ArrayBufferWriter<byte> _buffer = new(1024);
    private readonly Utf8JsonWriter _writer;

    public RowWriter() => _writer = new Utf8JsonWriter(_buffer, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });

    /// <summary>The size of the last row in bytes, as JSON in UTF-8.</summary>
    public int ByteSize => _buffer.WrittenCount;

    /// <summary>Writes a row.</summary>
    /// <param name="writeFields">Writes the fields of the object, which is already begun.</param>
    /// <param name="options">The limits.</param>
    /// <param name="at">Creates the exception for a row that exceeds a limit.</param>
    public JsonElement Write(Action<Utf8JsonWriter> writeFields, DataOptions options, Func<string, Exception?, EvaluationDataException> at)
    {
        _buffer.ResetWrittenCount();
        _writer.Reset();
        _writer.WriteStartObject();
        writeFields(_writer);
        _writer.WriteEndObject();
        _writer.Flush();
        if (_buffer.WrittenCount > options.MaxRowByteSize)
            throw at(Invariant($"the row has {_buffer.WrittenCount:N0} bytes as JSON; at most {options.MaxRowByteSize:N0} are allowed ({nameof(DataOptions)}.{nameof(DataOptions.MaxRowByteSize)})"), null);
        try
        {
            return JsonElement.Parse(_buffer.WrittenSpan, new JsonDocumentOptions { MaxDepth = options.MaxDepth });
        }
        catch (JsonException exception)
        {
            throw at($"the row is nested deeper than {options.MaxDepth} levels", exception);
        }
    }

    /// <summary>
    /// Writes a finite number of floating point as Python writes it, as the hub's library gives it to a task: <c>3.0</c>, not <c>3</c>, which a template
    /// would print as a whole number.
    /// </summary>
    public static void WriteFloat(Utf8JsonWriter json, double value) => json.WriteRawValue(DoubleText.Shortest(value), skipInputValidation: true);

    public void Dispose() => _writer.Dispose();
}
