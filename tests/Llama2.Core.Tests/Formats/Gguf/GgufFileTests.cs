using Llama2.Formats;
using Llama2.Formats.Gguf;

namespace Llama2.Tests.Formats.Gguf;

public class GgufFileTests
{
    public static TheoryData<object> EveryMetadataType =>
    [
        (byte)255, (sbyte)-128, ushort.MaxValue, short.MinValue, uint.MaxValue, int.MinValue, ulong.MaxValue, long.MinValue,
        1.5f, Math.PI, true, false, "", "Llama 2 ▁été 🦙",
        new byte[] { 0, 255 }, new sbyte[] { -128, 127 }, new ushort[] { 1, ushort.MaxValue }, new short[] { short.MinValue, 2 },
        new uint[] { 0, uint.MaxValue }, new int[] { int.MinValue, 7 }, new ulong[] { ulong.MaxValue }, new long[] { long.MinValue, 3 },
        new float[] { float.NaN, -0f, float.Epsilon }, new double[] { double.NegativeInfinity, 2 }, new bool[] { true, false, true },
        new string[] { "<s>", "", "▁the" }, Array.Empty<float>(), Array.Empty<string>(),
    ];

    [Theory]
    [MemberData(nameof(EveryMetadataType))]
    public void Open_MetadataOfEachType_RoundTrips(object value)
    {
        using GgufFile file = new GgufBuilder().Add("before", 1).Add("key", value).Add("after", 2u).Open();

        file.Metadata["key"].Should().BeOfType(value.GetType());
        file.Metadata["after"].Should().BeOfType<uint>().Which.Should().Be(2);
        Flatten(file.Metadata["key"]).Should().Equal(Flatten(value));
    }

    [Theory]
    [InlineData(2u)]
    [InlineData(3u)]
    public void Open_BothVersions_GiveTheSameTable(uint version)
    {
        byte[] first = Pattern(2 * 34), second = Pattern(3 * 4 * 4);
        using GgufFile file = new GgufBuilder { Version = version }
            .AddTensor("a", GgmlType.Q8_0, [32, 2], first).AddTensor("b", GgmlType.F32, [4, 1, 3], second).Open();

        file.FormatName.Should().Be($"GGUF v{version}");
        file.Tensors.Select(t => t.Name).Should().Equal("a", "b");
        TensorDescription b = file.Tensors[1];
        b.Dimensions.Should().Equal(4, 1, 3);
        (b.RowLength, b.RowCount, b.RowByteSize, b.ByteSize).Should().Be((4, 3, 16, 48));
        Read(file, file.Tensors[0]).Should().Equal(first);
        Read(file, b).Should().Equal(second);
    }

    [Fact]
    public void Open_TensorsInAnyOrderWithGaps_AreRead()
    {
        byte[] data = Pattern(200);
        using GgufFile file = new GgufBuilder()
            .AddTensor("whole", GgmlType.I8, [8], data)
            .AddRawTensor("late", 1, [8], (uint)GgmlType.F32, 128)
            .AddRawTensor("early", 1, [8], (uint)GgmlType.F32, 32)
            .Open();

        Read(file, file.Tensors[1]).Should().Equal(data[128..160]);
        Read(file, file.Tensors[2]).Should().Equal(data[32..64]);
    }

    [Theory]
    [InlineData(8)]
    [InlineData(64)]
    [InlineData(65_536)]
    public void Open_AnotherAlignment_MovesTheData(int alignment)
    {
        byte[] data = Pattern(8);
        using GgufFile file = new GgufBuilder { Alignment = alignment }
            .Add("general.alignment", (uint)alignment)
            .AddTensor("a", GgmlType.F32, [1], data[..4]).AddTensor("b", GgmlType.F32, [1], data[4..]).Open();

        (file.Tensors[0].Offset % alignment).Should().Be(0);
        (file.Tensors[1].Offset - file.Tensors[0].Offset).Should().Be(alignment);
        Read(file, file.Tensors[1]).Should().Equal(data[4..]);
    }

    [Fact]
    public void Open_StringsAcrossTheReadWindow_AreWhole()
    {
        // Lengths around the buffer size of 64 KiB, and many short strings, so that fields cross the buffer's end at every offset.
        string[] longOnes = [.. new[] { 65_527, 65_528, 65_535, 65_536, 65_537, 200_001 }.Select(n => new string('x', n - 1) + "y")];
        string[] shortOnes = [.. Enumerable.Range(0, 30_000).Select(i => $"piece {i}")];
        uint[] numbers = [.. Enumerable.Range(0, 50_000).Select(i => (uint)i)];
        using GgufFile file = new GgufBuilder()
            .Add("long", longOnes).Add("short", shortOnes).Add("numbers", numbers).Add("end", "end").Open();

        file.Metadata["long"].Should().BeOfType<string[]>().Which.SequenceEqual(longOnes).Should().BeTrue();
        file.Metadata["short"].Should().BeOfType<string[]>().Which.SequenceEqual(shortOnes).Should().BeTrue();
        file.Metadata["numbers"].Should().BeOfType<uint[]>().Which.SequenceEqual(numbers).Should().BeTrue();
        file.Metadata["end"].Should().Be("end");
    }

    [Fact]
    public void Open_BytesThatAreNoUtf8_BecomeReplacementCharacters()
    {
        using GgufFile file = new GgufBuilder().AddRaw("key", 8, [3, 0, 0, 0, 0, 0, 0, 0, (byte)'a', 0xFF, (byte)'b']).Open();

        file.Metadata["key"].Should().Be("a\uFFFDb");
    }

    [Fact]
    public void MetadataOffset_OfAKey_IsWhereItsValueLies()
    {
        var builder = new GgufBuilder().Add("a", 1u).Add("b", 0x11223344u);
        using GgufFile file = builder.Open();

        BitConverter.ToUInt32(builder.Build(), (int)file.MetadataOffset("b")!).Should().Be(0x11223344u);
        file.MetadataOffset("c").Should().BeNull();
    }

    [Fact]
    public void Read_OutsideTheTensor_IsRefused()
    {
        using GgufFile file = new GgufBuilder()
            .AddTensor("a", GgmlType.F32, [8], Pattern(32)).AddTensor("b", GgmlType.F32, [8], Pattern(32)).Open();
        TensorDescription tensor = file.Tensors[0];

        file.Invoking(f => f.Read(tensor, 30, new byte[3])).Should().Throw<ArgumentOutOfRangeException>();
        file.Invoking(f => f.Read(tensor, -1, new byte[1])).Should().Throw<ArgumentOutOfRangeException>();
        file.Invoking(f => f.Read(tensor, long.MaxValue, new byte[1])).Should().Throw<ArgumentOutOfRangeException>();
        file.Invoking(f => f.Read(tensor, 33, [])).Should().Throw<ArgumentOutOfRangeException>();
        file.Invoking(f => f.Read(tensor, 32, [])).Should().NotThrow();
    }

    [Fact]
    public void Read_TensorOfAnotherFile_IsRefused()
    {
        var builder = new GgufBuilder().AddTensor("a", GgmlType.F32, [8], Pattern(32));
        using GgufFile one = builder.Open(), other = builder.Open();

        one.Invoking(f => f.Read(other.Tensors[0], 0, new byte[4])).Should().Throw<ArgumentException>().WithMessage("*not one of*");
    }

    [Fact]
    public void Read_TensorOfATypeThatIsOnlyListed_IsRefusedByName()
    {
        using GgufFile file = new GgufBuilder().AddTensor("a", GgmlType.IQ2_XXS, [256], Pattern(66)).Open();

        file.Tensors.Should().ContainSingle().Which.Type.Should().Be(GgmlType.IQ2_XXS);
        file.Invoking(f => f.Read(f.Tensors[0], 0, new byte[1])).Should().Throw<ModelFormatException>()
            .WithMessage("*tensor 'a' is IQ2_XXS; only F32*Q4_K*are supported*");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Open_FileOnDisk_ReadsAsInMemory(bool memoryMapped)
    {
        byte[] data = Pattern(4_000);
        byte[] bytes = new GgufBuilder().Add("key", "value").AddTensor("a", GgmlType.F32, [10, 100], data).Build();
        string path = TemporaryFile(bytes);
        try
        {
            using GgufFile file = GgufFile.Open(path, memoryMapped);

            file.Path.Should().Be(path);
            file.ByteSize.Should().Be(bytes.Length);
            file.Metadata["key"].Should().Be("value");
            file.TryGetTensor("a", out TensorDescription? tensor).Should().BeTrue();
            Read(file, tensor!).Should().Equal(data);
            file.TryGetTensor("b", out _).Should().BeFalse();
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Read_FileCutAfterOpening_ThrowsModelFormatException(bool memoryMapped)
    {
        string path = TemporaryFile(new GgufBuilder().AddTensor("a", GgmlType.F32, [1000], Pattern(4_000)).Build());
        try
        {
            using GgufFile file = GgufFile.Open(path, memoryMapped);
            if (OperatingSystem.IsWindows())
            {
                FluentActions.Invoking(() => Cut(path, 1_000)).Should().Throw<IOException>();
                return;
            }

            Cut(path, 1_000);

            file.Invoking(f => f.Read(f.Tensors[0], 0, new byte[4_000])).Should().Throw<ModelFormatException>()
                .WithMessage("*open the model again*");
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Fact]
    public async Task Read_ManyThreadsAtOnce_SeeTheirOwnBytes()
    {
        byte[] data = Pattern(64 * 1024);
        string path = TemporaryFile(new GgufBuilder().AddTensor("a", GgmlType.F32, [64, 256], data).Build());
        try
        {
            using GgufFile file = GgufFile.Open(path);
            await Parallel.ForAsync(0, 2_000, (i, _) =>
            {
                byte[] row = new byte[256];
                int start = i % 256 * 256;
                file.Read(file.Tensors[0], start, row);
                row.AsSpan().SequenceEqual(data.AsSpan(start, 256)).Should().BeTrue();
                return ValueTask.CompletedTask;
            });
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Fact]
    public void Open_RefusedFile_ReleasesItsSource()
    {
        var source = new MemoryByteSource(new byte[100]);

        FluentActions.Invoking(() => GgufFile.Open(source)).Should().Throw<ModelFormatException>();
        source.IsDisposed.Should().BeTrue();
    }

    [Fact]
    public void Read_AfterDispose_ThrowsObjectDisposedException()
    {
        string path = TemporaryFile(new GgufBuilder().AddTensor("a", GgmlType.F32, [8], Pattern(32)).Build());
        try
        {
            foreach (bool memoryMapped in new[] { false, true })
            {
                GgufFile file = GgufFile.Open(path, memoryMapped);
                file.Dispose();
                file.Dispose();
                file.Invoking(f => f.Read(f.Tensors[0], 0, new byte[4])).Should().Throw<ObjectDisposedException>();
            }
        }
        finally
        {
            File.Delete(path);
        }
    }

    internal static byte[] Pattern(int length) => [.. Enumerable.Range(0, length).Select(i => (byte)((i * 37) + (i >> 8)))];

    internal static byte[] Read(GgufFile file, TensorDescription tensor)
    {
        byte[] bytes = new byte[tensor.ByteSize];
        file.Read(tensor, 0, bytes);
        return bytes;
    }

    private static byte[] Flatten(object value) =>
        value is Array array ? [.. array.Cast<object>().SelectMany(GgufBuilder.Bytes)] : GgufBuilder.Bytes(value);

    private static string TemporaryFile(byte[] bytes)
    {
        string path = Path.Combine(Path.GetTempPath(), $"{Guid.NewGuid():N}.gguf");
        File.WriteAllBytes(path, bytes);
        return path;
    }

    // Unix lets another program truncate a file that is open; Windows refuses this, because the reader does not share the file for writing.
    private static void Cut(string path, long length)
    {
        using var writer = new FileStream(path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite);
        writer.SetLength(length);
    }
}
