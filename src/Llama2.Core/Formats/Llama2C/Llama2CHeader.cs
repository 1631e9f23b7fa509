using System.Buffers.Binary;
using Llama2.Architectures;
using static System.FormattableString;

namespace Llama2.Formats.Llama2C;

/// <summary>
/// The header of a checkpoint of github.com/karpathy/llama2.c, in any of the three layouts: it states the dimensions of the model. When a header is
/// read, all its numbers must be within their ranges, and the file must have exactly the length that they require. The first layout has no magic
/// number, so only these checks can recognize it.
/// </summary>
internal sealed record Llama2CHeader
{
    // version 0: bytes 0-27 width, feed-forward width, layers, heads, key-value heads, vocabulary (negative: separate output matrix), context (int)
    // versions 1 and 2: bytes 0-3 "24ka" | 4-7 version | 8-35 the same seven, vocabulary positive | 36 output shared | 37-40 group length (2)
    //                   | zeros up to byte 256

    /// <summary>The number of bytes that <see cref="HasStart"/> needs.</summary>
    public const int StartByteSize = 36;

    private const int LegacyByteSize = 28;
    private const int VersionedByteSize = 256;
    private const int FieldCount = 7;
    private const int MaxWidth = 1 << 20;
    private const int MaxLayerCount = 512;
    private const int MaxHeadCount = 1024;

    private static readonly string[] s_names = ["dim", "hidden_dim", "n_layers", "n_heads", "n_kv_heads", "vocab_size", "seq_len"];
    private static readonly int[] s_limits = [MaxWidth, MaxWidth, MaxLayerCount, MaxHeadCount, MaxHeadCount, MaxWidth, RopeScaling.MaxContextLength];

    public required int Version { get; init; }

    public required int EmbeddingLength { get; init; }

    public required int FeedForwardLength { get; init; }

    public required int LayerCount { get; init; }

    public required int HeadCount { get; init; }

    public required int KeyValueHeadCount { get; init; }

    public required int VocabularySize { get; init; }

    public required int ContextLength { get; init; }

    /// <summary>Whether the output matrix is the embedding table.</summary>
    public required bool IsOutputShared { get; init; }

    /// <summary>The number of weights that share a scale in version 2; otherwise 0.</summary>
    public int GroupLength { get; init; }

    /// <summary>The dimensions that determine the shapes of the tensors.</summary>
    public ModelDimensions Dimensions => new(LayerCount, EmbeddingLength, HeadCount, KeyValueHeadCount, FeedForwardLength, VocabularySize);

    /// <summary>File offset of the first tensor.</summary>
    public int ByteSize => Version == 0 ? LegacyByteSize : VersionedByteSize;

    /// <summary>True if a file of this length that begins with these bytes is a checkpoint of llama2.c.</summary>
    public static bool HasStart(ReadOnlySpan<byte> start, long fileLength) =>
        HasMagic(start) || (start.Length >= LegacyByteSize && TryReadLegacy(start) is { } header && new Llama2CLayout(header).ByteSize == fileLength);

    /// <summary>Reads and checks a header.</summary>
    /// <exception cref="ModelFormatException">A number is out of range, or the file does not have the length that the numbers require.</exception>
    public static Llama2CHeader Read(IByteSource source)
    {
        var reader = new BoundedReader(source);
        int byteCount = (int)Math.Min(VersionedByteSize, source.Length);
        ReadOnlySpan<byte> start = reader.Take(byteCount, "header");
        Llama2CHeader header = HasMagic(start) ? ReadVersioned(reader, start) : ReadLegacy(reader, start);
        long expected = new Llama2CLayout(header).ByteSize;
        return expected == source.Length
            ? header
            : throw reader.Fault(0, "file size", Invariant($"{source.Length:N0} bytes"), Invariant($"a llama2.c checkpoint of this shape must have {expected:N0}; it is cut short or damaged"));
    }

    private static bool HasMagic(ReadOnlySpan<byte> start) => start.StartsWith("24ka"u8);

    // Returns null if the numbers cannot be the dimensions of a model.
    private static Llama2CHeader? TryReadLegacy(ReadOnlySpan<byte> start)
    {
        int[] fields = Fields(start, out bool isShared);
        return FindFault(fields) < 0 ? Create(0, fields, isShared, 0) : null;
    }

    private static Llama2CHeader ReadLegacy(BoundedReader reader, ReadOnlySpan<byte> start)
    {
        if (start.Length < LegacyByteSize)
            throw reader.CutShort(0, "header", Invariant($"{start.Length:N0} bytes"));
        int[] fields = Fields(start, out bool isShared);
        Check(reader, fields, 0);
        return Create(0, fields, isShared, 0);
    }

    private static Llama2CHeader ReadVersioned(BoundedReader reader, ReadOnlySpan<byte> start)
    {
        if (start.Length < VersionedByteSize)
            throw reader.CutShort(0, "header", Invariant($"{start.Length:N0} bytes"));

        int version = BinaryPrimitives.ReadInt32LittleEndian(start[4..]);
        if (version is not (1 or 2))
            throw reader.Fault(4, "version", Invariant($"{version}"), "only llama2.c checkpoints of versions 1 and 2, and those without a version, are supported");

        int[] fields = new int[FieldCount];
        for (int i = 0; i < fields.Length; i++)
            fields[i] = BinaryPrimitives.ReadInt32LittleEndian(start[(8 + (4 * i))..]);
        Check(reader, fields, 8);
        if (start[36] > 1)
            throw reader.Fault(36, "shared classifier", Invariant($"{start[36]}"), "it must be 0 or 1");

        int groupLength = version == 2 ? BinaryPrimitives.ReadInt32LittleEndian(start[37..]) : 0;
        if (version == 2 && (groupLength < 1 || fields[0] % groupLength != 0))
            throw reader.Fault(37, "group size", Invariant($"{groupLength:N0}"), Invariant($"it must divide the width, {fields[0]:N0}"));

        return Create(version, fields, start[36] == 1, groupLength);
    }

    private static int[] Fields(ReadOnlySpan<byte> start, out bool isShared)
    {
        int[] fields = new int[FieldCount];
        for (int i = 0; i < fields.Length; i++)
            fields[i] = BinaryPrimitives.ReadInt32LittleEndian(start[(4 * i)..]);
        isShared = fields[5] > 0;
        fields[5] = fields[5] == int.MinValue ? int.MaxValue : Math.Abs(fields[5]);
        return fields;
    }

    private static void Check(BoundedReader reader, int[] fields, int offset)
    {
        if (FindFault(fields) is >= 0 and var bad)
        {
            string limit = fields[bad] < 1 || fields[bad] > s_limits[bad]
                ? Invariant($"it must be from 1 to {s_limits[bad]:N0}; the file is not a llama2.c checkpoint, or is damaged")
                : "the number of heads must divide the width into heads of an even width, and be a multiple of the number of key-value heads";
            throw reader.Fault(offset + (4 * bad), s_names[bad], Invariant($"{fields[bad]:N0}"), limit);
        }
    }

    // The index of the first number that is not valid for a model, or -1.
    private static int FindFault(int[] fields)
    {
        for (int i = 0; i < fields.Length; i++)
        {
            if (fields[i] < 1 || fields[i] > s_limits[i])
                return i;
        }

        const int Heads = 3, KeyValueHeads = 4;
        return fields[0] % (2 * fields[Heads]) != 0 ? Heads : fields[Heads] % fields[KeyValueHeads] != 0 ? KeyValueHeads : -1;
    }

    private static Llama2CHeader Create(int version, int[] fields, bool isShared, int groupLength) => new()
    {
        Version = version,
        EmbeddingLength = fields[0],
        FeedForwardLength = fields[1],
        LayerCount = fields[2],
        HeadCount = fields[3],
        KeyValueHeadCount = fields[4],
        VocabularySize = fields[5],
        ContextLength = fields[6],
        IsOutputShared = isShared,
        GroupLength = groupLength,
    };
}
