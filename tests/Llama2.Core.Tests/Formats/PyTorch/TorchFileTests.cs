using Llama2.Formats.PyTorch;
using Llama2.Tests.Formats.MetaCheckpoint;

namespace Llama2.Tests.Formats.PyTorch;

public class TorchFileTests
{
    private static readonly byte[] s_shard = File.ReadAllBytes(Path.Combine(MetaCheckpointData.Folder(8), "consolidated.00.pth"));

    [Fact]
    public void Open_FileOfPyTorch_GivesItsTensors()
    {
        using TorchFile file = Open(s_shard);

        file.Tensors.Should().HaveCount(22);
        file.Tensors["norm.weight"].Should().Match<TorchMatrix>(tensor => tensor.DimensionCount == 1 && tensor.RowLength == 64 && tensor.Type == GgmlType.BF16);
        file.Tensors["layers.0.attention.wo.weight"].Should().Match<TorchMatrix>(tensor => tensor.RowCount == 64 && tensor.RowLength == 8 && tensor.RowStride == 16);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Open_ArchiveWithAndWithoutZip64_GivesTheNumbers(bool isZip64)
    {
        byte[] data = MetaCheckpointData.Bytes([1, 2, 3, 4, 5, 6]);
        using TorchFile file = Open(new TorchArchive { IsZip64 = isZip64 }.Add("a", GgmlType.F32, [2, 3], data).AddEntry("archive/byteorder", [.. "little"u8]).Build());

        Read(file, file.Tensors["a"]).Should().Equal(data);
    }

    // The only shard of Llama 2 7B has 13.5 GB.
    [Fact]
    public void Open_FileOfTwentyGigabytes_FindsTensorsBehindTheFirstFour()
    {
        const long Gap = 20_000_000_000;
        byte[] data = MetaCheckpointData.Bytes([1, 2, 3, 4, 5, 6]);
        byte[] bytes = new TorchArchive { IsZip64 = true, Gap = Gap }.Add("a", GgmlType.F32, [2, 3], data).Build();
        int second = 4 + bytes.AsSpan(4).IndexOf("PK\u0003\u0004"u8);
        using var file = TorchFile.Open(new SparseByteSource(bytes, second, Gap));

        file.Tensors["a"].Offset.Should().BeGreaterThan(Gap);
        Read(file, file.Tensors["a"]).Should().Equal(data);
    }

    // 2^61 + 1 elements of eight bytes take 2^64 + 8 bytes, which in 64 bits overflows to 8: two elements of float32.
    [Fact]
    public void Open_StorageOfMoreBytesThanANumberHolds_IsRefused()
    {
        byte[] pickle =
        [
            0x80, 2, .. "}(X\u0001\0\0\0actorch._utils\n_rebuild_tensor_v3\n((X\u0007\0\0\0storagectorch\nLongStorage\nX\u0001\0\0\0sX\u0003\0\0\0cpu"u8,
            0x8A, 8, 1, 0, 0, 0, 0, 0, 0, 0x20, .. "tQK\0K\u0002"u8, 0x85, .. "K\u0001"u8, 0x85, 0x89, .. "ccollections\nOrderedDict\n)Rctorch\nfloat32\ntRu."u8,
        ];

        FluentActions.Invoking(() => Open(new TorchArchive().AddEntry("archive/data/s", MetaCheckpointData.Bytes([1, 2])).Build(pickle)))
            .Should().Throw<ModelFormatException>().WithMessage("*persistent id*no more than a file can hold*");
    }

    [Fact]
    public void Open_SliceOfColumns_ReadsItsRowsOnly()
    {
        byte[] data = MetaCheckpointData.Bytes([1, 2, 3, 4, 5, 6]);
        using TorchFile file = Open(new TorchArchive().AddEntry("archive/data/s", data).AddTensor("a", GgmlType.F32, "s", 6, 1, [2, 2], [3, 1]).Build());

        Read(file, file.Tensors["a"]).Should().Equal(MetaCheckpointData.Bytes([2, 3, 5, 6]));
    }

    [Theory]
    [InlineData(6, 0, new long[] { 2, 3 }, new long[] { 1, 1 }, "2 rows of 3 numbers must not overlap; save weight.contiguous()")]
    [InlineData(6, 0, new long[] { 2, 3 }, new long[] { 2, 1 }, "rows of 3 numbers must not overlap")]
    [InlineData(6, 0, new long[] { 2, 3 }, new long[] { 0, 1 }, "rows of 3 numbers must not overlap")]
    [InlineData(6, 0, new long[] { 2, 3 }, new long[] { -3, 1 }, "rows of 3 numbers must not overlap")]
    [InlineData(6, 0, new long[] { 2, 3 }, new long[] { long.MaxValue, 1 }, "must not overlap")]
    [InlineData(6, 0, new long[] { 2, 3 }, new long[] { 3 }, "shape of 'a'")]
    [InlineData(6, 0, new long[] { 1, 2, 3 }, new long[] { 6, 3, 1 }, "shape of 'a'")]
    [InlineData(6, 0, new long[0], new long[0], "shape of 'a'")]
    [InlineData(6, 0, new long[] { 0, 3 }, new long[] { 3, 1 }, "shape of 'a'")]
    [InlineData(6, 0, new long[] { -1, 3 }, new long[] { 3, 1 }, "shape of 'a'")]
    [InlineData(6, 0, new[] { 1L << 32, 3 }, new long[] { 3, 1 }, "shape of 'a'")]
    [InlineData(6, 0, new[] { int.MaxValue, 3L }, new long[] { 3, 1 }, "end of 'a' is number 6,442,450,941; its storage has 6")]
    [InlineData(6, 1, new long[] { 2, 3 }, new long[] { 3, 1 }, "end of 'a' is number 7")]
    [InlineData(6, -1, new long[] { 2, 3 }, new long[] { 3, 1 }, "end of 'a'")]
    [InlineData(6, long.MaxValue, new long[] { 2, 3 }, new long[] { 3, 1 }, "end of 'a'")]
    [InlineData(7, 0, new long[] { 2, 3 }, new long[] { 3, 1 }, "storage of 'a' is 7 numbers; the file has 24 bytes for it")]
    [InlineData(long.MaxValue / 8, 0, new long[] { 2, 3 }, new long[] { 3, 1 }, "storage of 'a'")]
    [InlineData(long.MaxValue, 0, new long[] { 2, 3 }, new long[] { 3, 1 }, "persistent id")]
    [InlineData(-1, 0, new long[] { 2, 3 }, new long[] { 3, 1 }, "persistent id")]
    public void Open_TensorThatDoesNotLieInItsStorage_IsRefused(long elementCount, long offset, long[] shape, long[] strides, string message) =>
        Refusal(new TorchArchive().AddEntry("archive/data/s", new byte[24]).AddTensor("a", GgmlType.F32, "s", elementCount, offset, shape, strides).Build())
            .Message.Should().Contain(message);

    [Theory]
    [InlineData("t")]
    [InlineData("../../../etc/passwd")]
    [InlineData("/etc/passwd")]
    public void Open_StorageThatTheArchiveLacks_IsRefused(string key) =>
        Refusal(new TorchArchive().AddTensor("a", GgmlType.F32, key, 1, 0, [1], [1]).Build()).Message.Should().Contain($"storage of 'a' is '{key}'");

    [Fact]
    public void Open_BigEndianFile_IsRefused() =>
        Refusal(new TorchArchive().Add("a", GgmlType.F32, [1], new byte[4]).AddEntry("archive/byteorder", [.. "big"u8]).Build()).Field.Should().Be("byte order");

    [Fact]
    public void Open_TwoPickles_IsRefused() =>
        Refusal(new TorchArchive().AddEntry("other/data.pkl", [.. "N."u8]).Build()).Field.Should().Be("number of pickles");

    [Fact]
    public void Open_HugePickle_IsRefused() => Refusal(new TorchArchive().Build(new byte[(4 << 20) + 1])).Field.Should().Be("size of data.pkl");

    [Theory]
    [InlineData("N.", "pickle is not a dictionary")]
    [InlineData("}X\u0005\0\0\0modelNs.", "entry 'model' of the checkpoint is not a tensor")]
    [InlineData("}X\u0005\0\0\0model}s.", "number of tensors is 0")]
    [InlineData("}q\0X\u0005\0\0\0modelh\0s.", "pickle is a dictionary of dictionaries")]
    [InlineData("}X\u0005\0\0\0model}sX\u0006\0\0\0module}s.", "of several state dictionaries: model, module")]
    public void Open_PickleOfSomethingElse_IsRefused(string pickle, string message) =>
        Refusal(new TorchArchive().Build([0x80, 2, .. System.Text.Encoding.Latin1.GetBytes(pickle)])).Message.Should().Contain(message);

    [Theory]
    [InlineData("\u0080\u0002\u008a\u000a\u006c\u00fc\u009c\u0046\u00f9\u0020\u006a\u00a8\u0050\u0019.", "protocol version is not 1001")]
    [InlineData("version https://git-lfs.github.com/spec/v1", "git lfs pull")]
    [InlineData("GGUF", "must begin with 'PK'")]
    [InlineData("", "must begin with 'PK'")]
    public void Open_AnotherFormat_IsRefusedByName(string start, string message) =>
        Refusal(System.Text.Encoding.Latin1.GetBytes(start)).Message.Should().Contain(message);

    [Fact]
    public void Open_TarArchive_IsRefusedByName()
    {
        byte[] bytes = new byte[1024];
        "ustar"u8.CopyTo(bytes.AsSpan(257));
        Refusal(bytes).Message.Should().Contain("TAR archive");
    }

    [Fact]
    public void Open_EveryPrefix_IsRefused()
    {
        for (int length = 0; length < s_shard.Length; length++)
            Refusal(s_shard[..length]);
    }

    [Fact]
    public void Open_HostilePickleInAnArchive_IsRefusedByNameAndTheFileIsClosed()
    {
        var source = new MemoryByteSource(new TorchArchive().Add("a", GgmlType.F32, [1], new byte[4]).Build([.. "cos\nsystem\n)R."u8]));

        FluentActions.Invoking(() => TorchFile.Open(source)).Should().Throw<ModelFormatException>().WithMessage("*'os.system'*safetensors*");
        source.IsDisposed.Should().BeTrue();
    }

    // Random changes of bytes, of runs of bytes and of their order. If the file opens, all its elements must be read from inside the file.
    [Fact]
    public void Open_ChangedBytes_AreATypedErrorOrAFileThatReads()
    {
        var random = new Random(1);
        byte[] small = new TorchArchive { IsZip64 = true }.Add("a", GgmlType.F32, [2, 3], new byte[24]).Add("b", GgmlType.BF16, [4], new byte[8]).Build();
        int opened = 0, refused = 0;
        for (int i = 0; i < 8_000; i++)
        {
            byte[] changed = [.. i % 3 == 0 ? s_shard : small];
            for (int count = random.Next(1, 4); count > 0; count--)
            {
                int position = random.Next(changed.Length), length = Math.Min(random.Next(1, 9), changed.Length - position);
                switch (random.Next(4))
                {
                    case 0: changed[position] = (byte)random.Next(256); break;
                    case 1: changed.AsSpan(position, length).Fill(0xFF); break;
                    case 2: changed.AsSpan(position, length).Clear(); break;
                    default: changed.AsSpan(random.Next(changed.Length - length), length).CopyTo(changed.AsSpan(position)); break;
                }
            }

            _ = RefusalLimits.Run(() => OpenAndRead(changed), $"change {i}") is null ? opened++ : refused++;
        }

        opened.Should().BeGreaterThan(500);
        refused.Should().BeGreaterThan(3_000);
    }

    private static void OpenAndRead(byte[] bytes)
    {
        using TorchFile file = Open(bytes);
        foreach (TorchMatrix tensor in file.Tensors.Values)
            Read(file, tensor);
    }

    private static TorchFile Open(byte[] bytes) => TorchFile.Open(new MemoryByteSource(bytes));

    private static byte[] Read(TorchFile file, TorchMatrix tensor)
    {
        byte[] rows = new byte[tensor.RowByteSize * tensor.RowCount];
        tensor.ReadRows(file.Source, 0, rows);
        return rows;
    }

    private static ModelFormatException Refusal(byte[] bytes)
    {
        ModelFormatException? fault = RefusalLimits.Run(() => OpenAndRead(bytes), $"{bytes.Length} bytes");
        fault.Should().NotBeNull($"these {bytes.Length} bytes are no checkpoint");
        return fault!;
    }
}
