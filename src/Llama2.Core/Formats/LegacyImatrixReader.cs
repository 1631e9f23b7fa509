using System.Text;
using System.Text.Unicode;
using static System.FormattableString;

namespace Llama2.Formats;

/// <summary>Reads the importance matrices that llama-imatrix wrote until 2025, usually named <c>.dat</c> or <c>.imatrix</c>.</summary>
internal static class LegacyImatrixReader
{
    // entry count, then for each entry: name length | name | call count | value count | values (floats). All counts and lengths have 32 bits. Since 2024, three
    // fields follow the entries: the number of the last call | length of the text's name | name.
    private const int MaxEntryCount = 65_536;
    private const int MaxNameByteSize = 4096;
    private const int MinEntryByteSize = 12;

    /// <summary>Reads a whole file, and disposes the source.</summary>
    /// <exception cref="ModelFormatException">The file is malformed, or is not an importance matrix.</exception>
    public static ImatrixFile Read(IByteSource source)
    {
        using (source)
        {
            var reader = new BoundedReader(source);
            int entryCount = ReadCount(reader, "entry count", MaxEntryCount);
            if (entryCount == 0 || (long)entryCount * MinEntryByteSize > reader.BytesLeft)
            {
                throw reader.Fault(0, "entry count", Invariant($"{entryCount:N0}"), "there must be at least one, and the file must be long enough for all of them: it is not an importance matrix, or is damaged");
            }

            List<ColumnSquares> entries = [];
            for (int i = 0; i < entryCount; i++)
            {
                if (ReadEntry(reader) is { } entry)
                {
                    entries.Add(entry);
                }
            }

            int windowCount = 0;
            string[] datasets = [];
            if (reader.BytesLeft > 0)
            {
                windowCount = ReadCount(reader, "last call", int.MaxValue);
                // The name is a file path, which may contain any bytes.
                datasets = [Encoding.UTF8.GetString(ReadBytes(reader, "text's name"))];
            }

            return new ImatrixFile(entries, datasets, windowCount, WindowLength: 0);
        }
    }

    // Returns null for a matrix that was never multiplied by activations; the file contains no values for such a matrix.
    private static ColumnSquares? ReadEntry(BoundedReader reader)
    {
        long start = reader.Position;
        string name = ReadName(reader);
        int callCount = ReadCount(reader, $"call count of '{name}'", int.MaxValue);
        int valueCount = ReadCount(reader, $"value count of '{name}'", ImatrixFile.MaxColumnCount);
        if (valueCount == 0)
        {
            return null;
        }

        if ((long)valueCount * sizeof(float) > reader.BytesLeft)
        {
            throw reader.CutShort(reader.Position - sizeof(int), $"value count of '{name}'", Invariant($"{valueCount:N0}"));
        }

        string field = $"values of '{name}'";
        float[] values = new float[valueCount];
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = BitConverter.UInt32BitsToSingle(reader.ReadUInt32(field));
        }

        // If the number of calls is 0, llama.cpp treats the values as means. These are the same as sums over one call.
        return new ColumnSquares(name, ImatrixFile.Checked(reader.Path, start, name, values), Math.Max(1, callCount));
    }

    private static string ReadName(BoundedReader reader)
    {
        const string Field = "name";
        ReadOnlySpan<byte> bytes = ReadBytes(reader, Field);
        if (Utf8.IsValid(bytes))
            return Encoding.UTF8.GetString(bytes);

        int index = Utf8Text.IndexOfInvalid(bytes);
        throw reader.Fault(reader.Position - bytes.Length + index, Field, Utf8Text.Describe(bytes[index]), "a tensor's name must be UTF-8: the file is not an importance matrix, or is damaged");
    }

    private static ReadOnlySpan<byte> ReadBytes(BoundedReader reader, string field) => reader.Take(ReadCount(reader, $"{field} length", MaxNameByteSize), field);

    private static int ReadCount(BoundedReader reader, string field, int max)
    {
        uint count = reader.ReadUInt32(field);
        return count <= (uint)max
            ? (int)count
            : throw reader.Fault(reader.Position - sizeof(uint), field, Invariant($"{count:N0}"), Invariant($"at most {max:N0} are allowed: the file is not an importance matrix, or is damaged"));
    }
}
