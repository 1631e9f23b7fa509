using Llama2.Formats;
using Llama2.Formats.Gguf;
using Llama2.Quantization;

namespace Llama2.Tests.Formats.Gguf;

/// <summary>Every prefix of a small file, and every change of one byte: the file opens, or a ModelFormatException states the reason.</summary>
public class GgufFileMutationTests
{
    [Theory]
    [InlineData(2u)]
    [InlineData(3u)]
    public void Open_EveryPrefix_IsRefused(uint version)
    {
        byte[] whole = SmallFile(version, out _);
        whole.Length.Should().BeLessThanOrEqualTo(4_096);

        for (int length = 0; length < whole.Length; length++)
            OpeningLimits.OpenWithinLimits(whole[..length]).Should().NotBeNull($"{length} of {whole.Length} bytes are no model");
        OpeningLimits.OpenWithinLimits(whole, ReadEverything).Should().BeNull();
    }

    [Fact]
    public void Open_EveryChangeOfAByteOfTheHeader_OpensOrIsRefused()
    {
        byte[] whole = SmallFile(3, out int dataStart);
        int openedCount = 0, refusedCount = 0;

        Parallel.For(0, dataStart, position =>
        {
            byte[] changed = [.. whole];
            for (int value = 0; value < 256; value++)
            {
                changed[position] = (byte)value;
                if (OpeningLimits.OpenWithinLimits(changed, ReadEverything) is null)
                    Interlocked.Increment(ref openedCount);
                else
                    Interlocked.Increment(ref refusedCount);
            }
        });

        (openedCount + refusedCount).Should().Be(dataStart * 256);
        openedCount.Should().BeGreaterThan(dataStart, "the unchanged file is among the changes of each byte");
        refusedCount.Should().BeGreaterThan(dataStart, "lengths, counts, types and dimensions are checked");
    }

    [Fact]
    public void Open_EveryChangeOfAByteOfTheData_OpensAndShowsIt()
    {
        byte[] whole = SmallFile(3, out int dataStart);
        for (int position = dataStart; position < whole.Length; position++)
        {
            foreach (byte mask in new byte[] { 1, 0x80, 0xFF })
            {
                byte[] changed = [.. whole];
                changed[position] ^= mask;
                OpeningLimits.OpenWithinLimits(changed, file =>
                {
                    foreach (TensorDescription tensor in file.Tensors)
                    {
                        ReadOnlySpan<byte> expected = changed.AsSpan((int)tensor.Offset, (int)tensor.ByteSize);
                        if (!expected.SequenceEqual(GgufFileTests.Read(file, tensor)))
                            throw new InvalidOperationException($"{tensor} differs from the file after a change of byte {position}.");
                    }
                }).Should().BeNull();
            }
        }
    }

    // Every value type, alone and in an array, and tensors of one to four dimensions in several types.
    private static byte[] SmallFile(uint version, out int dataStart)
    {
        GgufBuilder builder = new GgufBuilder { Version = version }
            .Add("general.architecture", "llama").Add("general.alignment", 32u)
            .Add("u8", (byte)1).Add("i8", (sbyte)-1).Add("u16", (ushort)2).Add("i16", (short)-2).Add("u32", 3u).Add("i32", -3)
            .Add("u64", 4UL).Add("i64", -4L).Add("f32", 1.5f).Add("f64", 2.5).Add("bool", true)
            .Add("bytes", new byte[] { 1, 2, 3 }).Add("shorts", new short[] { 1, 2 }).Add("ints", new[] { 1, 2, 3 })
            .Add("longs", new[] { 5L })
            .Add("floats", new[] { 0f, -1f }).Add("bools", new[] { true, false }).Add("tokens", new[] { "<unk>", "<s>", "</s>", "▁a", "" })
            .AddTensor("vector", GgmlType.F32, [8], GgufFileTests.Pattern(32))
            .AddTensor("matrix", GgmlType.Q4_0, [32, 3], GgufFileTests.Pattern(54))
            .AddTensor("cube", GgmlType.F16, [2, 3, 2], GgufFileTests.Pattern(24))
            .AddTensor("four", GgmlType.Q8_0, [32, 1, 2, 1], GgufFileTests.Pattern(68));
        byte[] bytes = builder.Build();
        dataStart = builder.DataStart;
        return bytes;
    }

    private static void ReadEverything(GgufFile file)
    {
        foreach (TensorDescription tensor in file.Tensors)
        {
            // A changed type may be a GGML type that the library lists but cannot compute with.
            if (WeightFormats.IsSupported(tensor.Type))
                GgufFileTests.Read(file, tensor);
        }

        foreach (string key in file.Metadata.Keys)
        {
            if (file.MetadataOffset(key) is var offset && (offset < 24 || offset >= file.ByteSize))
                throw new InvalidOperationException($"Key '{key}' lies at {offset}.");
        }
    }
}
