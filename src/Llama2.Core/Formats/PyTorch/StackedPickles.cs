using System.Buffers.Binary;
using Llama2.Quantization;
using static System.FormattableString;

namespace Llama2.Formats.PyTorch;

/// <summary>
/// Reads the container that torch.save wrote before PyTorch 1.6, and still writes on request (torch/serialization.py, <c>_legacy_save</c>): five
/// pickles, followed by the storages.
/// </summary>
internal static class StackedPickles
{
    // pickles: magic number | protocol version, 1001 | properties of the machine | the object | keys of the storages
    // then for each storage, in the order of the keys: bytes 0-7 element count (long) | the elements

    // The magic number 0x1950a86a20f9469cfc6c and the protocol version 1001, each as a pickle of protocol 2.
    private static ReadOnlySpan<byte> MagicPickle => [0x80, 2, 0x8a, 10, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19, (byte)'.'];

    private static ReadOnlySpan<byte> VersionPickle => [0x80, 2, (byte)'M', 0xe9, 0x03, (byte)'.'];

    /// <summary>The number of bytes that <see cref="HasStart"/> needs.</summary>
    public const int StartByteSize = 15;

    private const int CountByteSize = sizeof(long);

    /// <summary>Whether a file begins with the magic number.</summary>
    public static bool HasStart(ReadOnlySpan<byte> start) => start.StartsWith(MagicPickle);

    /// <exception cref="ModelFormatException">A pickle is malformed or contains anything except tensors, or the file is cut short.</exception>
    public static TorchContent Read(IByteSource source)
    {
        int origin = MagicPickle.Length + VersionPickle.Length;
        byte[] start = new byte[Math.Min(source.Length, origin)];
        source.Read(0, start);
        if (!start.AsSpan(MagicPickle.Length).SequenceEqual(VersionPickle))
            throw new ModelFormatException(source.Path, MagicPickle.Length, "protocol version", "not 1001", "it must be 1001, written as a pickle of protocol 2, as torch.save has always written it");

        byte[] pickles = new byte[Math.Min(source.Length - origin, ZipCheckpoint.MaxPickleByteSize)];
        source.Read(origin, pickles);
        var bytes = new PickleBytes(pickles, source.Path, origin);
        CheckMachine(bytes, PickleReader.ReadNext(bytes));
        long pickleOffset = bytes.Offset;
        List<TorchStorage> named = [];
        object? value = PickleReader.ReadNext(bytes, named);
        object? keys = PickleReader.ReadNext(bytes);
        return new TorchContent(value, pickleOffset, PlaceStorages(source, bytes, keys, named));
    }

    private static void CheckMachine(PickleBytes bytes, object? properties)
    {
        if (properties is not PickleDictionary dictionary || !dictionary.TryGetValue("little_endian", out object? isLittleEndian))
            throw bytes.Fault("system information (sys_info)", "absent", "it must follow the protocol version: the file is malformed");
        if (isLittleEndian is not true)
            throw bytes.Fault("byte order", "big-endian", "only little-endian files are read; save the model again on another machine");
    }

    private static Dictionary<string, ByteRange> PlaceStorages(IByteSource source, PickleBytes bytes, object? keys, List<TorchStorage> named)
    {
        if (keys is not List<object?> order)
            throw bytes.Fault("keys of the storages", "not a list", "a list of them must follow the object: the file is malformed");

        var claims = new Dictionary<string, TorchStorage>(StringComparer.Ordinal);
        foreach (TorchStorage storage in named)
        {
            if (!claims.TryAdd(storage.Key, storage) && claims[storage.Key] != storage)
                throw bytes.Fault($"storage '{storage.Key}'", "described with two types or lengths", "a storage must have one type and one length: the file is malformed");
        }

        var places = new Dictionary<string, ByteRange>(order.Count, StringComparer.Ordinal);
        long position = bytes.Offset;
        foreach (object? item in order)
        {
            if (item is not string key || !claims.TryGetValue(key, out TorchStorage? claim) || places.ContainsKey(key))
                throw bytes.Fault("keys of the storages", item is string text ? $"'{text}'" : "not a string", "each key must name a different storage of the object: the file is malformed");

            ByteRange place = ReadExtent(source, claim, position);
            places.Add(key, place);
            position = place.Offset + place.Length;
        }

        return places;
    }

    private static ByteRange ReadExtent(IByteSource source, TorchStorage claim, long position)
    {
        Span<byte> field = stackalloc byte[CountByteSize];
        if (position > source.Length - CountByteSize)
            throw new ModelFormatException(source.Path, position, $"length of storage '{claim.Key}'", "absent", "the file is cut short; download it again");
        source.Read(position, field);
        long count = BinaryPrimitives.ReadInt64LittleEndian(field), left = source.Length - position - CountByteSize;
        int elementByteSize = GgmlTypes.BlockByteSize(claim.Type);
        if (count != claim.ElementCount)
            throw new ModelFormatException(source.Path, position, $"length of storage '{claim.Key}'", Invariant($"{count:N0}"), Invariant($"the pickle states {claim.ElementCount:N0}: the file is malformed"));
        if (count > left / elementByteSize)
            throw new ModelFormatException(source.Path, position, $"length of storage '{claim.Key}'", Invariant($"{count:N0} numbers of {elementByteSize} bytes"), Invariant($"{left:N0} bytes are left: the file is cut short; download it again"));
        return new ByteRange(position + CountByteSize, count * elementByteSize);
    }
}
