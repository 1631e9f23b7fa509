using System.Text.Json;

namespace Llama2.Formats;

/// <summary>
/// Limits the number of values in JSON. A parsed value takes 12 bytes of memory, and another 12 while the document grows, so a document of very short
/// values would take many times its length. Published files stay within the limit, because their values are longer.
/// </summary>
internal static class JsonSize
{
    private const int ValueByteSize = 12;

    // This number of bytes is added to the size of every file, so that small files may consist of short values.
    private const int FreeByteSize = 8 << 20;

    /// <summary>The maximum number of values, member names and closing brackets together in JSON of the given size.</summary>
    public static long MaxValueCount(int byteCount) => ((long)byteCount + FreeByteSize) / ValueByteSize;

    /// <summary>Whether JSON has more values than the limit.</summary>
    /// <exception cref="JsonException">The JSON is malformed before the limit is reached.</exception>
    public static bool HasTooManyValues(ReadOnlySpan<byte> json)
    {
        long rest = MaxValueCount(json.Length);
        if (json.Length <= rest)
            return false;
        var reader = new Utf8JsonReader(json);
        while (rest >= 0 && reader.Read())
            rest--;
        return rest < 0;
    }
}
