using System.Text;
using Llama2.Quantization;

namespace Llama2.Tests.Formats.PyTorch;

/// <summary>Writes archives as torch.save does, optionally with faults.</summary>
internal sealed class TorchArchive
{
    private readonly List<byte> _pickle = [0x80, 2, .. "}("u8];
    private readonly List<(string Name, byte[] Data)> _entries = [];

    /// <summary>The compression method that the directory states for each entry; 0 means stored.</summary>
    public ushort Method { get; init; }

    /// <summary>The flags that the directory states for each entry; 1 means encrypted.</summary>
    public ushort Flags { get; init; }

    /// <summary>A number to add to the uncompressed size that the directory states for each entry.</summary>
    public uint AddedSize { get; init; }

    /// <summary>Whether to put all numbers of the directory into ZIP64 records.</summary>
    public bool IsZip64 { get; init; }

    /// <summary>The number of bytes by which offsets after the pickle are increased; <see cref="SparseByteSource"/> inserts these bytes.</summary>
    public long Gap { get; init; }

    /// <summary>The key of the storage that was added last.</summary>
    public string LastKey => $"{_entries.Count - 1}";

    /// <summary>Adds a contiguous tensor with a storage of its own.</summary>
    public TorchArchive Add(string name, GgmlType type, long[] shape, byte[] data)
    {
        string key = $"{_entries.Count}";
        _entries.Add(($"archive/data/{key}", data));
        return AddTensor(name, type, key, data.Length / GgmlTypes.BlockByteSize(type), 0, shape, shape is [_, long length] ? [length, 1] : [1]);
    }

    /// <summary>Adds a tensor with the given properties to the pickle.</summary>
    public TorchArchive AddTensor(string name, GgmlType type, string key, long elementCount, long offset, long[] shape, long[] strides)
    {
        string storage = type switch { GgmlType.F32 => "FloatStorage", GgmlType.F16 => "HalfStorage", _ => "BFloat16Storage" };
        Text(name);
        Raw("ctorch._utils\n_rebuild_tensor_v2\n((");
        Text("storage");
        Raw($"ctorch\n{storage}\n");
        Text(key);
        Text("cpu");
        Integer(elementCount);
        Raw("tQ");
        Integer(offset);
        Tuple(shape);
        Tuple(strides);
        _pickle.Add(0x89);
        Raw("ccollections\nOrderedDict\n)RtR");
        return this;
    }

    /// <summary>Adds a further entry.</summary>
    public TorchArchive AddEntry(string name, byte[] data)
    {
        _entries.Add((name, data));
        return this;
    }

    /// <summary>The file, with the tensors that were added.</summary>
    public byte[] Build() => Build([.. _pickle, .. "u."u8]);

    /// <summary>The file, with a pickle that was created elsewhere.</summary>
    public byte[] Build(byte[] pickle)
    {
        var file = new MemoryStream();
        var directory = new MemoryStream();
        foreach ((string name, byte[] data) in _entries.Prepend(("archive/data.pkl", pickle)))
            WriteEntry(file, directory, name, data);

        long start = file.Length + Gap;
        file.Write(directory.ToArray());
        long end = file.Length + Gap;
        int count = _entries.Count + 1;
        if (IsZip64)
        {
            file.Write(Fields(56, (0, 4, 0x06064b50), (4, 8, 44), (24, 8, count), (32, 8, count), (40, 8, end - start), (48, 8, start)));
            file.Write(Fields(20, (0, 4, 0x07064b50), (8, 8, end), (16, 4, 1)));
        }

        file.Write(IsZip64
            ? Fields(22, (0, 4, 0x06054b50), (8, 2, 0xFFFF), (10, 2, 0xFFFF), (12, 4, 0xFFFFFFFF), (16, 4, 0xFFFFFFFF))
            : Fields(22, (0, 4, 0x06054b50), (8, 2, count), (10, 2, count), (12, 4, end - start), (16, 4, start)));
        return file.ToArray();
    }

    private void WriteEntry(MemoryStream file, MemoryStream directory, string name, byte[] data)
    {
        byte[] nameBytes = Encoding.UTF8.GetBytes(name);
        long header = file.Length == 0 ? 0 : file.Length + Gap;

        // An extra field, with which torch.save aligns the data; it is in the local header only.
        byte[] padding = [0x46, 0x42, 12, 0, .. new byte[12]];
        file.Write(Fields(30, (0, 4, 0x04034b50), (8, 2, Method), (18, 4, data.Length), (22, 4, data.Length), (26, 2, nameBytes.Length), (28, 2, padding.Length)));
        file.Write(nameBytes);
        file.Write(padding);
        file.Write(data);

        byte[] extra = IsZip64 ? Fields(28, (0, 2, 1), (2, 2, 24), (4, 8, data.Length + AddedSize), (12, 8, data.Length), (20, 8, header)) : [];
        directory.Write(Fields(
            46, (0, 4, 0x02014b50), (8, 2, Flags), (10, 2, Method), (20, 4, IsZip64 ? 0xFFFFFFFF : data.Length),
            (24, 4, IsZip64 ? 0xFFFFFFFF : data.Length + AddedSize), (28, 2, nameBytes.Length), (30, 2, extra.Length), (42, 4, IsZip64 ? 0xFFFFFFFF : header)));
        directory.Write(nameBytes);
        directory.Write(extra);
    }

    private static byte[] Fields(int length, params (int Offset, int Length, long Value)[] fields)
    {
        byte[] bytes = new byte[length];
        foreach ((int offset, int size, long value) in fields)
        {
            BitConverter.GetBytes(value).AsSpan(0, size).CopyTo(bytes.AsSpan(offset));
        }

        return bytes;
    }

    private void Raw(string text) => _pickle.AddRange(Encoding.Latin1.GetBytes(text));

    private void Text(string text)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        _pickle.Add((byte)'X');
        _pickle.AddRange(BitConverter.GetBytes(bytes.Length));
        _pickle.AddRange(bytes);
    }

    // The opcode LONG1 with eight bytes can represent any value.
    private void Integer(long value)
    {
        _pickle.AddRange([0x8a, 8]);
        _pickle.AddRange(BitConverter.GetBytes(value));
    }

    private void Tuple(long[] values)
    {
        Raw("(");
        Array.ForEach(values, Integer);
        Raw("t");
    }
}
