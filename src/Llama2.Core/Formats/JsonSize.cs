using System.Text.Json;

namespace Llama2.Formats;

/// <summary>
/// The number of values that JSON may have. A parsed value takes 12 bytes, and as many again while the document grows, so a document of short values
/// would take many times its length. The values of real files are longer.
/// </summary>
internal static class JsonSize
{
    private const int ValueByteSize = 12;

    // For small files, which may be of any kind.
    private const int FreeByteSize = 8 << 20;

    /// <summary>Values, names and ends of objects and arrays that JSON of so many bytes may have.</summary>
    public static long MaxValueCount(int byteCount) => ((long)byteCount + FreeByteSize) / ValueByteSize;

    /// <summary>Whether JSON has more values than that.</summary>
    /// <exception cref="JsonException">It is malformed before it has.</exception>
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
