using System.Text.Json;
using static System.FormattableString;

namespace Llama2.Formats.SafeTensors;

/// <summary>Reads the JSON of a safetensors header, and checks that its tensors cover the data without gaps or overlaps.</summary>
internal sealed class SafeTensorsHeader(string path, byte[] header, long headerOffset, long fileLength)
{
    // The limit is twice the number of tensors in an adapter for a model of 512 layers. It is needed because an entry of 60 bytes in the file takes
    // 700 bytes in memory.
    private const int MaxTensorCount = 16_384;
    private const int MaxDimensionCount = 8;
    private const int MaxNameLength = 1024;
    private const int MaxJsonDepth = 16;
    private readonly long _dataStart = headerOffset + header.Length;

    /// <exception cref="ModelFormatException">The header is not JSON, or contains impossible values.</exception>
    public SafeTensorsEntry[] Read()
    {
        try
        {
            SafeTensorsEntry[] entries = [.. ReadEntries()];
            CheckCover(entries);
            return entries;
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException or FormatException)
        {
            throw new ModelFormatException(path, headerOffset, "header", "malformed JSON", $"{JsonFault.Describe(exception, header, MaxJsonDepth)}: the file is damaged", exception);
        }
    }

    private List<SafeTensorsEntry> ReadEntries()
    {
        List<SafeTensorsEntry> entries = [];
        var names = new HashSet<string>(StringComparer.Ordinal);
        var json = new Utf8JsonReader(header, new JsonReaderOptions { MaxDepth = MaxJsonDepth });
        json.Read();
        while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
        {
            long offset = headerOffset + json.TokenStartIndex;
            if (json.ValueSpan.Length > MaxNameLength)
                throw Fault(offset, "tensor name", Invariant($"{json.ValueSpan.Length:N0} bytes long"), Invariant($"at most {MaxNameLength:N0} are allowed"));

            string name = json.GetString()!;
            if (!names.Add(name))
                throw Fault(offset, "tensor name", $"'{name}'", "the header has it twice");
            if (names.Count > MaxTensorCount)
                throw Fault(offset, "tensor count", Invariant($"more than {MaxTensorCount:N0}"), "no Llama model has so many");

            json.Read();
            if (name == "__metadata__")
                SkipMetadata(ref json, offset);
            else
                entries.Add(ReadEntry(ref json, name, offset));
        }

        // Only spaces, which pad the header, may follow the object.
        while (json.Read())
        {
        }

        return entries;
    }

    private void SkipMetadata(ref Utf8JsonReader json, long offset)
    {
        if (json.TokenType != JsonTokenType.StartObject)
            throw Fault(offset, "__metadata__", json.TokenType.ToString(), "it must be an object of strings");
        while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
        {
            json.Read();
            if (json.TokenType != JsonTokenType.String)
                throw Fault(headerOffset + json.TokenStartIndex, "__metadata__", json.TokenType.ToString(), "its values must be strings");
        }
    }

    private SafeTensorsEntry ReadEntry(ref Utf8JsonReader json, string name, long offset)
    {
        if (json.TokenType != JsonTokenType.StartObject)
            throw Fault(offset, $"tensor '{name}'", json.TokenType.ToString(), "it must be an object of dtype, shape and data_offsets");

        string? dataType = null;
        long[]? shape = null, extent = null;
        while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
        {
            if (json.ValueTextEquals("dtype") && dataType is null)
            {
                json.Read();
                dataType = json.TokenType == JsonTokenType.String ? json.GetString() : throw Fault(offset, $"dtype of '{name}'", json.TokenType.ToString(), "it must be a string");
            }
            else if (json.ValueTextEquals("shape") && shape is null)
            {
                shape = ReadNumbers(ref json, $"shape of '{name}'", MaxDimensionCount);
            }
            else if (json.ValueTextEquals("data_offsets") && extent is null)
            {
                extent = ReadNumbers(ref json, $"data_offsets of '{name}'", 2);
            }
            else
            {
                throw Fault(headerOffset + json.TokenStartIndex, $"tensor '{name}'", "a member that is unknown or given twice", "it must have dtype, shape and data_offsets, each once");
            }
        }

        if (dataType is null || shape is null || extent is not [long begin, long end])
            throw Fault(offset, $"tensor '{name}'", "incomplete", "it must have dtype, shape and two data_offsets");
        return Check(name, dataType, shape, begin, end, offset);
    }

    private SafeTensorsEntry Check(string name, string dataType, long[] shape, long begin, long end, long offset)
    {
        if (end < begin)
            throw Fault(offset, $"data_offsets of '{name}'", Invariant($"{begin:N0} to {end:N0}"), "the end must not come before the beginning");
        if (end > fileLength - _dataStart)
        {
            throw Fault(
                offset, $"end of tensor '{name}'", Invariant($"byte {end:N0} of the data"),
                Invariant($"the file has only {fileLength - _dataStart:N0} bytes of data; it is cut short or malformed, download it again"));
        }

        // No tensor within a file can have a size of 2^63 bits or more.
        UInt128 bitSize = (uint)BitSize(dataType, name, offset);
        foreach (long dimension in shape)
        {
            bitSize *= (ulong)dimension;
            if (bitSize > long.MaxValue)
                throw Fault(offset, $"shape of '{name}'", $"[{string.Join(", ", shape)}]", "the tensor would have 2^60 bytes or more; the file is malformed");
        }

        return bitSize == (UInt128)(end - begin) * 8
            ? new SafeTensorsEntry(name, dataType, shape, _dataStart + begin, end - begin, offset)
            : throw Fault(
                offset, $"data_offsets of '{name}'", Invariant($"{end - begin:N0} bytes"), Invariant($"a tensor of this shape and dtype must have {bitSize / 8:N0}"));
    }

    private long[] ReadNumbers(ref Utf8JsonReader json, string field, int maxCount)
    {
        json.Read();
        if (json.TokenType != JsonTokenType.StartArray)
            throw Fault(headerOffset + json.TokenStartIndex, field, json.TokenType.ToString(), "it must be an array of whole numbers");

        List<long> numbers = [];
        while (json.Read() && json.TokenType != JsonTokenType.EndArray)
        {
            long offset = headerOffset + json.TokenStartIndex;
            if (json.TokenType != JsonTokenType.Number || !json.TryGetInt64(out long number) || number < 0)
                throw Fault(offset, field, json.TokenType == JsonTokenType.Number ? "out of range" : json.TokenType.ToString(), "its elements must be whole numbers from 0 to 2^63 - 1");
            if (numbers.Count == maxCount)
                throw Fault(offset, field, Invariant($"more than {maxCount} numbers"), Invariant($"at most {maxCount} are allowed"));
            numbers.Add(number);
        }

        return [.. numbers];
    }

    private int BitSize(string dataType, string name, long offset) => dataType switch
    {
        "BOOL" or "U8" or "I8" or "F8_E4M3" or "F8_E5M2" or "F8_E8M0" => 8,
        "I16" or "U16" or "F16" or "BF16" => 16,
        "I32" or "U32" or "F32" => 32,
        "I64" or "U64" or "F64" or "C64" => 64,
        _ => throw Fault(offset, $"dtype of '{name}'", $"'{dataType}'", "the file is malformed or newer than this library, which computes with F32, F16 and BF16"),
    };

    private void CheckCover(SafeTensorsEntry[] entries)
    {
        Array.Sort(entries, static (left, right) => (left.Offset, left.ByteSize).CompareTo((right.Offset, right.ByteSize)));
        long end = _dataStart;
        foreach (SafeTensorsEntry entry in entries)
        {
            if (entry.Offset != end)
            {
                throw Fault(
                    entry.EntryOffset, $"data_offsets of '{entry.Name}'", Invariant($"beginning at byte {entry.Offset - _dataStart:N0} of the data"),
                    Invariant($"the tensor before it ends at byte {end - _dataStart:N0}: tensors must not leave gaps and must not overlap"));
            }

            end += entry.ByteSize;
        }

        if (end != fileLength)
            throw Fault(end, "end of the last tensor", Invariant($"byte {end:N0}"), Invariant($"the file has {fileLength:N0} bytes, and all of its data must belong to tensors"));
    }

    private ModelFormatException Fault(long? offset, string field, string value, string limit) => new(path, offset, field, value, limit);
}
