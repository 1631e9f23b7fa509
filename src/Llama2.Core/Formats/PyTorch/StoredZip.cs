using System.Buffers.Binary;
using System.Text;
using static System.FormattableString;

namespace Llama2.Formats.PyTorch;

/// <summary>
/// Reads the directory of a ZIP archive as torch.save writes it (PKWARE's APPNOTE.TXT 6.3): entries are stored without compression, so a tensor's
/// bytes can be read from the file at any position. ZIP64 records are supported; a comment at the end is not. Compressed and encrypted entries are
/// refused, so no data can grow when it is read.
/// </summary>
internal static class StoredZip
{
    // end: 0 signature | 4 disk | 6 directory's disk | 8 entries here | 10 entries | 12 directory size | 16 directory offset | 20 comment length
    private const int EndByteSize = 22;
    private const uint EndSignature = 0x06054b50;

    // ZIP64 locator: 0 signature | 4 disk | 8 offset of the ZIP64 end | 16 disks
    private const int LocatorByteSize = 20;
    private const uint LocatorSignature = 0x07064b50;

    // ZIP64 end: 0 signature | 4 size | 12 versions | 16 disk | 20 directory's disk | 24 entries here | 32 entries | 40 directory size | 48 offset
    private const int End64ByteSize = 56;
    private const uint End64Signature = 0x06064b50;

    // entry: 0 signature | 4 versions | 8 flags | 10 method | 12 time | 16 CRC | 20 compressed size | 24 size | 28 name length | 30 extra length
    // | 32 comment length | 34 disk | 36 attributes | 42 offset of the local header | 46 name, extra fields, comment
    private const int EntryByteSize = 46;
    private const uint EntrySignature = 0x02014b50;

    // local header: 0 signature | 4 version | 6 flags | 8 method | 10 time | 14 CRC | 18 sizes | 26 name length | 28 extra length | 30 name, extra
    private const int LocalByteSize = 30;
    private const uint LocalSignature = 0x04034b50;
    private const ushort Zip64FieldId = 1;

    /// <summary>The maximum number of entries; a shard of Llama 2 70B has about 730.</summary>
    private const int MaxEntryCount = 8_192;
    private const int MaxDirectoryByteSize = 2 << 20;
    private const int MaxNameByteSize = 256;

    /// <summary>Reads all entries by name, and checks that each is within the archive and does not overlap another.</summary>
    /// <exception cref="ModelFormatException">The archive is malformed, or contains something that torch.save does not write.</exception>
    public static Dictionary<string, ZipEntry> Read(IByteSource source)
    {
        (long offset, long length, long count) = ReadEnd(source);
        byte[] directory = new byte[length];
        source.Read(offset, directory);
        var entries = new Dictionary<string, ZipEntry>((int)count, StringComparer.Ordinal);
        var starts = new List<(long Header, ZipEntry Entry)>((int)count);
        int position = 0;
        for (long i = 0; i < count; i++)
        {
            (long header, ZipEntry entry) = ReadEntry(source, directory, offset, ref position);
            if (!entries.TryAdd(entry.Name, entry))
                throw Fault(source, offset + position, "entry", $"'{entry.Name}'", "two entries have this name: the archive is malformed");
            starts.Add((header, entry));
        }

        if (position != directory.Length)
            throw Fault(source, offset + position, "directory", Invariant($"{directory.Length - position:N0} bytes longer than its entries"), "the archive is malformed");
        CheckOverlaps(source, starts, offset);
        return entries;
    }

    private static (long Offset, long Length, long Count) ReadEnd(IByteSource source)
    {
        if (source.Length < EndByteSize)
            throw Fault(source, 0, "archive", Invariant($"{source.Length:N0} bytes long"), "it is cut short; download it again");

        Span<byte> end = stackalloc byte[EndByteSize];
        long endOffset = source.Length - EndByteSize;
        source.Read(endOffset, end);
        if (BinaryPrimitives.ReadUInt32LittleEndian(end) != EndSignature || BinaryPrimitives.ReadUInt16LittleEndian(end[20..]) != 0)
            throw Fault(source, endOffset, "end of the archive", "absent", "the file is cut short, or is not an archive written by torch.save; download it again");

        long count = BinaryPrimitives.ReadUInt16LittleEndian(end[10..]);
        long length = BinaryPrimitives.ReadUInt32LittleEndian(end[12..]);
        long offset = BinaryPrimitives.ReadUInt32LittleEndian(end[16..]);
        long directoryEnd = endOffset;
        if (count == ushort.MaxValue || length == uint.MaxValue || offset == uint.MaxValue)
            (offset, length, count, directoryEnd) = ReadEnd64(source, endOffset);
        if (count is < 1 or > MaxEntryCount || count > length / EntryByteSize)
            throw Fault(source, endOffset, "number of entries", Invariant($"{count:N0}"), Invariant($"1 to {MaxEntryCount:N0} are allowed, of at least {EntryByteSize} bytes each"));
        if (length > MaxDirectoryByteSize)
            throw Fault(source, endOffset, "directory size", Invariant($"{length:N0} bytes"), Invariant($"at most {MaxDirectoryByteSize:N0} are allowed"));
        if (offset < 0 || offset > directoryEnd - length)
            throw Fault(source, endOffset, "directory", Invariant($"{length:N0} bytes at byte {offset:N0}"), "it is not within the archive, which is cut short or malformed");
        return (offset, length, count);
    }

    private static (long Offset, long Length, long Count, long DirectoryEnd) ReadEnd64(IByteSource source, long endOffset)
    {
        long locatorOffset = endOffset - LocatorByteSize;
        Span<byte> locator = stackalloc byte[LocatorByteSize], end = stackalloc byte[End64ByteSize];
        if (locatorOffset < End64ByteSize)
            throw Fault(source, endOffset, "ZIP64 locator", "absent", "the archive is malformed");
        source.Read(locatorOffset, locator);
        ulong offset = BinaryPrimitives.ReadUInt64LittleEndian(locator[8..]);
        if (BinaryPrimitives.ReadUInt32LittleEndian(locator) != LocatorSignature || offset > (ulong)(locatorOffset - End64ByteSize))
            throw Fault(source, locatorOffset, "ZIP64 locator", "malformed", "it must state the offset of the ZIP64 end of directory, which comes before it");
        source.Read((long)offset, end);
        if (BinaryPrimitives.ReadUInt32LittleEndian(end) != End64Signature)
            throw Fault(source, (long)offset, "ZIP64 end of directory", "absent", "the archive is malformed");

        // If a number is too large for a long, the method Signed returns a negative number, which fails the caller's checks.
        return (Signed(end[48..]), Signed(end[40..]), Signed(end[32..]), (long)offset);
    }

    private static (long Header, ZipEntry Entry) ReadEntry(IByteSource source, byte[] directory, long directoryOffset, ref int position)
    {
        long place = directoryOffset + position;
        ReadOnlySpan<byte> rest = directory.AsSpan(position);
        if (rest.Length < EntryByteSize || BinaryPrimitives.ReadUInt32LittleEndian(rest) != EntrySignature)
            throw Fault(source, place, "directory entry", "absent", "the archive is malformed");

        int nameLength = BinaryPrimitives.ReadUInt16LittleEndian(rest[28..]), extraLength = BinaryPrimitives.ReadUInt16LittleEndian(rest[30..]);
        int length = EntryByteSize + nameLength + extraLength + BinaryPrimitives.ReadUInt16LittleEndian(rest[32..]);
        if (nameLength is 0 or > MaxNameByteSize || length > rest.Length)
            throw Fault(source, place, "directory entry", Invariant($"{length:N0} bytes long, its name {nameLength:N0}"), Invariant($"{rest.Length:N0} bytes are left, and a name has 1 to {MaxNameByteSize}"));

        string name = Printable(rest.Slice(EntryByteSize, nameLength));
        int flags = BinaryPrimitives.ReadUInt16LittleEndian(rest[8..]), method = BinaryPrimitives.ReadUInt16LittleEndian(rest[10..]);
        if ((flags & 1) != 0)
            throw Fault(source, place, $"entry '{name}'", "encrypted", "torch.save does not encrypt; convert the model to safetensors");
        if (method != 0)
            throw Fault(source, place, $"compression of entry '{name}'", Invariant($"method {method}"), "torch.save stores entries without compression; load the model in PyTorch and save it again");

        (long size, long compressedSize, long header) = ReadExtent(rest, rest.Slice(EntryByteSize + nameLength, extraLength));
        if (size != compressedSize)
            throw Fault(source, place, $"size of entry '{name}'", Invariant($"{size:N0} and {compressedSize:N0} bytes"), "both sizes of an uncompressed entry must be equal: the archive is malformed");

        position += length;
        return (header, new ZipEntry(name, CheckLocalHeader(source, rest.Slice(EntryByteSize, nameLength), name, header, size, directoryOffset), size));
    }

    private static (long Size, long CompressedSize, long Header) ReadExtent(ReadOnlySpan<byte> entry, ReadOnlySpan<byte> extra)
    {
        long compressedSize = BinaryPrimitives.ReadUInt32LittleEndian(entry[20..]), size = BinaryPrimitives.ReadUInt32LittleEndian(entry[24..]);
        long header = BinaryPrimitives.ReadUInt32LittleEndian(entry[42..]);
        while (extra.Length >= 4)
        {
            int id = BinaryPrimitives.ReadUInt16LittleEndian(extra), length = Math.Min(BinaryPrimitives.ReadUInt16LittleEndian(extra[2..]), extra.Length - 4);
            ReadOnlySpan<byte> values = extra.Slice(4, length);
            extra = extra[(4 + length)..];
            if (id != Zip64FieldId)
                continue;
            size = Widen(size, ref values);
            compressedSize = Widen(compressedSize, ref values);
            header = Widen(header, ref values);
        }

        return (size, compressedSize, header);
    }

    // If all bits of a field are set, its value is in the ZIP64 extra field. This field contains only such values, in the order in which the caller
    // reads the fields.
    private static long Widen(long value, ref ReadOnlySpan<byte> values)
    {
        if (value != uint.MaxValue || values.Length < 8)
            return value;
        value = Signed(values);
        values = values[8..];
        return value;
    }

    private static long CheckLocalHeader(IByteSource source, ReadOnlySpan<byte> nameBytes, string name, long header, long size, long directoryOffset)
    {
        Span<byte> local = stackalloc byte[LocalByteSize + MaxNameByteSize];
        local = local[..(LocalByteSize + nameBytes.Length)];
        if (header < 0 || size < 0 || header > directoryOffset - local.Length)
            throw Fault(source, header, $"header of entry '{name}'", Invariant($"at byte {header:N0}"), "it must come before the directory: the archive is malformed");

        source.Read(header, local);
        if (BinaryPrimitives.ReadUInt32LittleEndian(local) != LocalSignature || BinaryPrimitives.ReadUInt16LittleEndian(local[26..]) != nameBytes.Length
            || !local[LocalByteSize..].SequenceEqual(nameBytes))
        {
            throw Fault(source, header, $"header of entry '{name}'", "different from its directory entry", "the archive is malformed");
        }

        long offset = header + local.Length + BinaryPrimitives.ReadUInt16LittleEndian(local[28..]);
        return size <= directoryOffset - offset
            ? offset
            : throw Fault(source, header, $"size of entry '{name}'", Invariant($"{size:N0} bytes"), Invariant($"only {directoryOffset - offset:N0} follow before the directory: the archive is cut short or malformed"));
    }

    private static void CheckOverlaps(IByteSource source, List<(long Header, ZipEntry Entry)> starts, long directoryOffset)
    {
        starts.Sort(static (left, right) => left.Header.CompareTo(right.Header));
        for (int i = 0; i < starts.Count; i++)
        {
            ZipEntry entry = starts[i].Entry;
            if (entry.Offset + entry.Length > (i + 1 < starts.Count ? starts[i + 1].Header : directoryOffset))
                throw Fault(source, starts[i].Header, $"entry '{entry.Name}'", "overlapping the next", "entries must not share bytes: the archive is malformed");
        }
    }

    private static long Signed(ReadOnlySpan<byte> bytes) => BinaryPrimitives.ReadInt64LittleEndian(bytes);

    private static string Printable(ReadOnlySpan<byte> name) =>
        string.Create(name.Length, Encoding.Latin1.GetString(name), static (characters, text) =>
        {
            for (int i = 0; i < characters.Length; i++)
                characters[i] = text[i] is >= ' ' and <= '~' ? text[i] : '?';
        });

    private static ModelFormatException Fault(IByteSource source, long offset, string field, string value, string limit) =>
        new(source.Path, offset, field, value, limit);
}
