using System.Buffers.Binary;
using System.Text.Json;

namespace Llama2.Formats.SafeTensors;

/// <summary>Writes the header of a safetensors file; the tensors' bytes follow it in the order of the entries, without gaps.</summary>
internal static class SafeTensorsWriter
{
    private const int Alignment = 8;

    /// <summary>Writes the header.</summary>
    /// <param name="stream">The file, positioned at its beginning.</param>
    /// <param name="entries">The name, type, shape and size of each tensor; the offsets are computed from the order and the sizes.</param>
    public static void WriteHeader(Stream stream, IEnumerable<SafeTensorsEntry> entries)
    {
        var header = new MemoryStream();
        using (var json = new Utf8JsonWriter(header))
        {
            json.WriteStartObject();
            json.WriteStartObject("__metadata__");
            // transformers requires this entry.
            json.WriteString("format", "pt");
            json.WriteEndObject();
            long end = 0;
            foreach (SafeTensorsEntry entry in entries)
                WriteEntry(json, entry, ref end);
            json.WriteEndObject();
        }

        while (header.Length % Alignment != 0)
            header.WriteByte((byte)' ');
        Span<byte> length = stackalloc byte[sizeof(ulong)];
        BinaryPrimitives.WriteUInt64LittleEndian(length, (ulong)header.Length);
        stream.Write(length);
        stream.Write(header.GetBuffer().AsSpan(0, (int)header.Length));
    }

    private static void WriteEntry(Utf8JsonWriter json, SafeTensorsEntry entry, ref long end)
    {
        json.WriteStartObject(entry.Name);
        json.WriteString("dtype", entry.DataType);
        json.WriteStartArray("shape");
        foreach (long length in entry.Shape)
            json.WriteNumberValue(length);
        json.WriteEndArray();
        json.WriteStartArray("data_offsets");
        json.WriteNumberValue(end);
        json.WriteNumberValue(end += entry.ByteSize);
        json.WriteEndArray();
        json.WriteEndObject();
    }
}
