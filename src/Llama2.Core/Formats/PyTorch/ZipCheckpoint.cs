using System.Text;
using static System.FormattableString;

namespace Llama2.Formats.PyTorch;

/// <summary>
/// Reads the container that torch.save has written since PyTorch 1.6: a ZIP archive with a pickle, <c>data.pkl</c>, that describes the tensors, and
/// an entry in the folder <c>data</c> for each storage.
/// </summary>
internal static class ZipCheckpoint
{
    /// <summary>The maximum size of a pickle in bytes; each of the eight files of Llama 2 70B has a pickle of 70 KB.</summary>
    public const int MaxPickleByteSize = 4 << 20;

    private const string PickleName = "/data.pkl";

    /// <summary>Whether a file begins like a ZIP archive.</summary>
    public static bool HasStart(ReadOnlySpan<byte> start) => start.StartsWith("PK\u0003\u0004"u8);

    /// <exception cref="ModelFormatException">The archive or the pickle in it is malformed, or contains anything except tensors.</exception>
    public static TorchContent Read(IByteSource source)
    {
        Dictionary<string, ZipEntry> entries = StoredZip.Read(source);
        ZipEntry pickle = FindPickle(source, entries.Values);
        string archiveName = pickle.Name[..^PickleName.Length];
        CheckByteOrder(source, entries.GetValueOrDefault(archiveName + "/byteorder"));
        string prefix = $"{archiveName}/data/";
        var storages = entries.Values
            .Where(entry => entry.Name.StartsWith(prefix, StringComparison.Ordinal))
            .ToDictionary(entry => entry.Name[prefix.Length..], entry => new ByteRange(entry.Offset, entry.Length), StringComparer.Ordinal);
        return new TorchContent(PickleReader.Read(ReadEntry(source, pickle, MaxPickleByteSize), source.Path, pickle.Offset), pickle.Offset, storages);
    }

    private static ZipEntry FindPickle(IByteSource source, IEnumerable<ZipEntry> entries)
    {
        ZipEntry[] pickles = [.. entries.Where(entry => entry.Name.IndexOf('/') == entry.Name.Length - PickleName.Length && entry.Name.EndsWith(PickleName, StringComparison.Ordinal))];
        if (pickles is not [ZipEntry pickle])
            throw Fault(source, null, "number of pickles", $"{pickles.Length}", "a ZIP archive that torch.save wrote must have one data.pkl, in its only folder; extract any other archive first");
        return pickle.Length <= MaxPickleByteSize
            ? pickle
            : throw Fault(source, pickle.Offset, "size of data.pkl", Invariant($"{pickle.Length:N0} bytes"), Invariant($"at most {MaxPickleByteSize:N0} are allowed; it only describes tensors and does not contain them"));
    }

    private static void CheckByteOrder(IByteSource source, ZipEntry? entry)
    {
        if (entry is not null && Encoding.Latin1.GetString(ReadEntry(source, entry, 16)) is var order and not "little")
            throw Fault(source, entry.Offset, "byte order", $"'{order}'", "only little-endian files are read; save the model again on another machine");
    }

    private static byte[] ReadEntry(IByteSource source, ZipEntry entry, int maxByteSize)
    {
        byte[] bytes = new byte[Math.Min(entry.Length, maxByteSize)];
        source.Read(entry.Offset, bytes);
        return bytes;
    }

    private static ModelFormatException Fault(IByteSource source, long? offset, string field, string value, string limit) => new(source.Path, offset, field, value, limit);
}
