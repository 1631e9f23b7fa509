using Llama2.Conversion;
using Llama2.Formats;
using Llama2.Formats.PyTorch;
using Llama2.Quantization;
using Llama2.Tests.Formats.MetaCheckpoint;

namespace Llama2.Tests.Formats.PyTorch;

/// <summary>
/// The small files of tests/Reference/pytorch_files.py, written by Python's pickler: the same two tensors in every layout of torch.save.
/// </summary>
public class SavedFilesTests
{
    public static TheoryData<string> Names() => [.. Directory.GetFiles(PathOf("small")).Select(path => Path.GetFileName(path)).Order(StringComparer.Ordinal)];

    [Theory]
    [MemberData(nameof(Names))]
    public void Open_FileOfEachKind_GivesTheTwoTensors(string name)
    {
        using var file = WeightFile.Open(PathOf("small", name));

        file.FormatName.Should().Be("PyTorch");
        file.Weights.Select(weight => weight.Name).Should().Equal("a", "b");
        file.Weights[0].Shape.Should().Equal(2, 3);
        Numbers(file.Weights[0]).Should().Equal(1, -2, 3, 4.5f, 5, -6);
        Numbers(file.Weights[1]).Should().Equal(0.5f, 0.25f, -1, 8);
    }

    [Fact]
    public void Names_AreOfEveryKind() => Names().Should().HaveCountGreaterThan(22);

    [Theory]
    [MemberData(nameof(Names))]
    public void Read_AnyPartOfATensor_GivesThosePartsOfItsBytes(string name)
    {
        using var file = WeightFile.Open(PathOf("small", name));
        ITensorSource tensor = file.Weights[0].Open("a", -1);
        byte[] whole = new byte[tensor.Description.ByteSize];
        tensor.Read(0, whole);
        for (int start = 0; start <= whole.Length; start++)
        {
            for (int length = 0; start + length <= whole.Length; length++)
            {
                byte[] part = new byte[length];
                tensor.Read(start, part);
                part.Should().Equal(whole[start..(start + length)], $"of {length} bytes from {start} on");
            }
        }
    }

    // A tensor of 300 × 500 elements that is a transposed view of its storage. It is long enough for several buffers.
    [Fact]
    public void ReadRows_LargeTransposedView_GivesTheTransposedNumbers()
    {
        const int Rows = 300, Columns = 500;
        float[] numbers = [.. Enumerable.Range(0, Rows * Columns).Select(i => (float)i)];
        byte[] bytes = new TorchArchive().AddEntry("archive/data/s", MetaCheckpointData.Bytes(numbers))
            .AddTensor("t", GgmlType.F32, "s", numbers.Length, 0, [Rows, Columns], [1, Rows]).Build();
        using var file = TorchFile.Open(new MemoryByteSource(bytes));
        byte[] rows = new byte[numbers.Length * sizeof(float)];

        file.Tensors["t"].ReadRows(file.Source, 0, rows);

        rows.Should().Equal(MetaCheckpointData.Bytes([.. Enumerable.Range(0, Rows).SelectMany(row => Enumerable.Range(0, Columns).Select(column => numbers[column * Rows + row]))]));
    }

    [Theory]
    [InlineData("big-endian.bin", "byte order is big-endian; only little-endian files are read")]
    [InlineData("expanded.bin", "strides of 'a' is [0, 0]; 1,000 rows of 1,000 numbers must not overlap")]
    [InlineData("shared-by-many.bin", "size of all tensors is 51,200 bytes; the file has 13,775, and each number may belong to at most two tensors")]
    [InlineData("integers.bin", "type of 'a' is I64; weights must be floating-point numbers")]
    public void Open_WhatCannotBeWeights_IsRefused(string name, string message)
    {
        FluentActions.Invoking(() =>
        {
            using var file = WeightFile.Open(PathOf("refused", name));
            file.Weights[0].Open("a", -1);
        }).Should().Throw<ModelFormatException>().WithMessage($"*{message}*");
    }

    [Theory]
    [InlineData("stacked.bin")]
    [InlineData("stacked-shared.bin")]
    [InlineData("nested.bin")]
    [InlineData("_rebuild_tensor_v3.bin")]
    public void Open_EveryPrefix_IsRefused(string name)
    {
        byte[] whole = File.ReadAllBytes(PathOf("small", name));
        for (int length = 0; length < whole.Length; length++)
        {
            RefusalLimits.Run(() => OpenAndRead(whole[..length]), $"the first {length} bytes").Should().NotBeNull($"{length} bytes of {whole.Length} are cut short");
        }
    }

    [Fact]
    public void Open_ChangedBytes_AreATypedErrorOrAFileThatReads()
    {
        var random = new Random(3);
        byte[][] files = [.. Directory.GetFiles(PathOf("small")).Order(StringComparer.Ordinal).Select(File.ReadAllBytes)];
        int opened = 0, refused = 0;
        for (int i = 0; i < 8_000; i++)
        {
            byte[] changed = [.. files[i % files.Length]];
            for (int count = random.Next(1, 4); count > 0; count--)
                changed[random.Next(changed.Length)] = random.Next(3) == 0 ? (byte)0xFF : (byte)random.Next(256);
            _ = RefusalLimits.Run(() => OpenAndRead(changed), $"change {i}") is null ? opened++ : refused++;
        }

        opened.Should().BeGreaterThan(500);
        refused.Should().BeGreaterThan(3_000);
    }

    [Fact]
    public void Open_StackedPicklesWithOtherKeysOrLengths_AreRefused()
    {
        byte[] whole = File.ReadAllBytes(PathOf("small", "stacked.bin"));
        // The list of keys is the last pickle. The storages follow it; each of them begins with the length of the storage.
        int keys = whole.AsSpan().LastIndexOf((ReadOnlySpan<byte>)[0x80, 2, (byte)']']), storages = whole.AsSpan(keys).IndexOf((byte)'.') + keys + 1;
        Refusal(keys, [0x80, 2, (byte)'N', (byte)'.']).Should().Contain("keys of the storages is not a list");
        Refusal(keys, [0x80, 2, (byte)']', (byte)'.']).Should().Contain("storage of 'a' is '0'; the file has no such storage");
        Refusal(storages, [7]).Should().Contain("length of storage '0' is 7; the pickle states 6");
        Refusal(storages + 7, [0x7F]).Should().Contain("length of storage '0'");
        Refusal(15, [0x80, 3]).Should().Contain("protocol version is not 1001");

        string Refusal(int position, byte[] bytes)
        {
            byte[] changed = [.. whole];
            bytes.CopyTo(changed, position);
            return RefusalLimits.Run(() => OpenAndRead(changed), $"byte {position}")!.Message;
        }
    }

    private static void OpenAndRead(byte[] bytes)
    {
        using var file = TorchFile.Open(new MemoryByteSource(bytes));
        foreach (TorchMatrix tensor in file.Tensors.Values)
            tensor.ReadRows(file.Source, 0, new byte[tensor.RowByteSize * tensor.RowCount]);
    }

    private static float[] Numbers(NamedWeight weight)
    {
        ITensorSource tensor = weight.Open(weight.Name, -1);
        byte[] bytes = new byte[tensor.Description.ByteSize];
        tensor.Read(0, bytes);
        float[] numbers = new float[tensor.Description.RowCount * tensor.Description.RowLength];
        WeightFormats.Dequantize(tensor.Description.Type, bytes, numbers);
        return numbers;
    }

    private static string PathOf(params string[] parts) => RepositoryFiles.Committed(["tests", "data", "pytorch", .. parts]);
}
