using Llama2.Formats.Gguf;

namespace Llama2.Tests.Formats.Gguf;

/// <summary>Inputs that broke other readers, one test each; the numbers in the tests' names are the rows of a table of known vulnerabilities.</summary>
public class GgufFileHostileInputTests
{
    private const string Key = "general.name";

    [Theory]
    [InlineData(ulong.MaxValue)]
    [InlineData(ulong.MaxValue - 1)]
    [InlineData(1UL << 63)]
    [InlineData(64UL * 1024 * 1024 + 1)]
    [InlineData(1UL << 30)]
    [InlineData(5UL)]
    public void Row01_StringLongerThanTheFile_IsRefused(ulong length)
    {
        Refuse(new GgufBuilder().AddRaw(Key, 8, [.. GgufBuilder.Bytes(length), .. "four"u8])).Should().Be(Key);
        Refuse(new GgufBuilder().AddRaw(Key, 9, GgufBuilder.ArrayOf(8, 1, [.. GgufBuilder.Bytes(length), .. "four"u8]))).Should().Be(Key);
    }

    [Theory]
    [InlineData(ulong.MaxValue)]
    [InlineData(1UL << 63)]
    [InlineData((1UL << 32) + 1)]
    [InlineData(65_537UL)]
    [InlineData(1_000UL)]
    public void Row02_CountsBeyondTheFile_AreRefused(ulong count)
    {
        Refuse(new GgufBuilder { TensorCount = count }.Add(Key, "x")).Should().Be("tensor count");
        Refuse(new GgufBuilder { MetadataCount = count }.Add(Key, "x")).Should().Be("metadata count");
    }

    [Fact]
    public void Row02_CountOverTheCapInAFileThatCouldHoldIt_IsRefused() =>
        Refuse(new GgufBuilder { MetadataCount = 65_537 }.Add("filler", new byte[2_000_000])).Should().Be("metadata count");

    [Theory]
    [InlineData(0u)]
    [InlineData(5u)]
    [InlineData(8u)]
    [InlineData(uint.MaxValue)]
    public void Row03_DimensionCountOutsideOneToFour_IsRefused(uint count) =>
        Refuse(new GgufBuilder().AddRawTensor("a", count, [1, 1, 1, 1, 1, 1, 1, 1], 0, 0)).Should().StartWith("dimension count");

    [Theory]
    [InlineData(ulong.MaxValue, 2UL)]
    [InlineData(1UL << 63)]
    [InlineData((1UL << 42) + 1, 1UL << 22)]
    [InlineData(1UL << 32, 1UL << 32)]
    [InlineData(1UL << 32, 1UL << 31, 1UL << 31, 1UL << 32)]
    [InlineData(ulong.MaxValue, ulong.MaxValue, ulong.MaxValue, ulong.MaxValue)]
    public void Row04_DimensionsWhoseProductWraps_AreRefused(params ulong[] dimensions) =>
        Refuse(new GgufBuilder().AddRawTensor("a", (uint)dimensions.Length, dimensions, (uint)GgmlType.I8, 0))
            .Should().StartWith("dimension ");

    [Theory]
    [InlineData(GgmlType.F32, 1UL << 62)]
    [InlineData(GgmlType.F64, 1UL << 62)]
    [InlineData(GgmlType.F64, 1UL << 61, 2UL)]
    [InlineData(GgmlType.Q8_0, 1UL << 62, 1UL)]
    [InlineData(GgmlType.F32, 1UL << 31, 1UL << 31)]
    public void Row04_ByteSizesThatWrap_AreRefused(GgmlType type, params ulong[] dimensions) =>
        Refuse(new GgufBuilder().AddRawTensor("a", (uint)dimensions.Length, dimensions, (uint)type, 0)).Should().Be("end of tensor 'a'");

    [Fact]
    public void Row04_SizesWhoseSumWraps_AreRefused()
    {
        // 2^62 bytes from offset 2^64 − 2^62: in 64 bits, the sum of the two is zero.
        GgufBuilder builder = new GgufBuilder().AddRawTensor("a", 1, [1UL << 60], (uint)GgmlType.F32, 3UL << 62);
        Refuse(builder).Should().Be("end of tensor 'a'");
    }

    [Theory]
    [InlineData(new[] { 0UL })]
    [InlineData(new[] { 0UL, 4UL })]
    [InlineData(new[] { 4UL, 0UL, 4UL })]
    [InlineData(new[] { 4UL, 4UL, 4UL, 0UL })]
    public void Row05_ZeroDimension_IsRefused(ulong[] dimensions) =>
        Refuse(new GgufBuilder().AddRawTensor("a", (uint)dimensions.Length, dimensions, 0, 0)).Should().StartWith("dimension");

    [Theory]
    [InlineData(4u)]
    [InlineData(5u)]
    [InlineData(31u)]
    [InlineData(38u)]
    [InlineData(43u)]
    [InlineData(0x8000_0000u)]
    [InlineData(uint.MaxValue)]
    public void Row06_RemovedOrUnknownType_IsRefused(uint type) =>
        Refuse(new GgufBuilder().AddRawTensor("a", 1, [256], type, 0)).Should().Be("type of tensor 'a'");

    [Theory]
    [InlineData(GgmlType.Q4_0, 31UL)]
    [InlineData(GgmlType.Q8_0, 33UL)]
    [InlineData(GgmlType.Q4_K, 255UL)]
    [InlineData(GgmlType.Q6_K, 32UL)]
    public void Row06_RowThatIsNoWholeNumberOfBlocks_IsRefused(GgmlType type, ulong rowLength) =>
        Refuse(new GgufBuilder().AddTensor("a", type, [rowLength, 256], new byte[65_536])).Should().Be("row length of tensor 'a'");

    [Theory]
    [InlineData(0UL, 33)]
    [InlineData(32UL, 1)]
    [InlineData(64UL, 1)]
    [InlineData(1UL << 40, 1)]
    [InlineData(ulong.MaxValue - 31, 8)]
    public void Row07_TensorBeyondTheEndOfTheFile_IsRefused(ulong offset, int rowLength) =>
        Refuse(new GgufBuilder().AddTensor("whole", GgmlType.I8, [1], new byte[33]).AddRawTensor("a", 1, [(ulong)rowLength], 0, offset))
            .Should().StartWith("end of tensor 'a'");

    [Theory]
    [InlineData(1UL)]
    [InlineData(16UL)]
    [InlineData(ulong.MaxValue)]
    public void Row07_OffsetThatIsNotAligned_IsRefused(ulong offset) =>
        Refuse(new GgufBuilder().AddTensor("whole", GgmlType.I8, [1], new byte[64]).AddRawTensor("a", 1, [1], 0, offset))
            .Should().Be("offset of tensor 'a'");

    [Theory]
    [InlineData(0UL, 8)]
    [InlineData(32UL, 8)]
    [InlineData(64UL, 1)]
    public void Row07_TensorsThatOverlap_AreRefused(ulong offset, int rowLength) =>
        Refuse(new GgufBuilder().AddTensor("first", GgmlType.I8, [65], new byte[128]).AddRawTensor("a", 1, [(ulong)rowLength], 0, offset))
            .Should().MatchRegex("offset of tensor '(a|first)'");

    [Theory]
    [InlineData(0u)]
    [InlineData(4u)]
    [InlineData(24u)]
    [InlineData(33u)]
    [InlineData(131_072u)]
    [InlineData(1u << 30)]
    [InlineData(uint.MaxValue)]
    public void Row08_AlignmentOutsideItsLimits_IsRefused(uint alignment) =>
        Refuse(new GgufBuilder().Add("general.alignment", alignment)).Should().Be("general.alignment");

    [Theory]
    [InlineData(32)]
    [InlineData(32UL)]
    [InlineData((byte)32)]
    [InlineData(32f)]
    [InlineData("32")]
    [InlineData(true)]
    public void Row08_AlignmentOfAnotherType_IsRefused(object alignment) =>
        Refuse(new GgufBuilder().Add("general.alignment", alignment)).Should().Be("general.alignment");

    [Fact]
    public void Row09_SmallFileThatClaimsAGibibyte_IsRefusedWithoutAllocatingIt()
    {
        byte[] filler = new byte[80];
        foreach (ulong claim in new[] { 1UL << 30, 1UL << 40, 100UL, 4UL << 20 })
        {
            Refuse(new GgufBuilder().AddRaw(Key, 8, [.. GgufBuilder.Bytes(claim), .. filler])).Should().Be(Key);
            for (uint type = 0; type <= 12; type++)
                Refuse(new GgufBuilder().AddRaw(Key, 9, GgufBuilder.ArrayOf(type, claim, filler))).Should().Be(Key);
        }
    }

    [Fact]
    public void Row09_ManyShortStringsThenTheEnd_StayWithinTheLimit()
    {
        // The content that needs the most memory for its size: strings of two letters, each ten bytes in the file and forty in memory. The array
        // claims more elements than it has.
        byte[] elements = [.. Enumerable.Repeat(GgufBuilder.Bytes("ab"), 400_000).SelectMany(bytes => bytes)];

        Refuse(new GgufBuilder().AddRaw(Key, 9, GgufBuilder.ArrayOf(8, 500_000, elements))).Should().Be(Key);
    }

    [Fact]
    public void Row09_MostKeysThatAreAllowedThenTheEnd_StayWithinTheLimit()
    {
        var builder = new GgufBuilder { TensorCount = 1 };
        for (int i = 0; i < 65_536; i++)
            builder.Add($"{i:x}", (byte)0);

        // The file is large enough for the claimed size to be plausible; the name of the tensor is too long.
        Refuse(builder.AddRawTensor(new string('x', 65), 1, [1], 0, 0)).Should().Be("tensor name");
    }

    [Fact]
    public void Row09_MostTensorsThatAreAllowedThenAFault_StayWithinTheLimit()
    {
        var builder = new GgufBuilder();
        for (int i = 0; i < 65_535; i++)
            builder.AddRawTensor($"{i:x}", 1, [1], 0, (ulong)i * 32);

        Refuse(builder.AddRawTensor("last", 1, [1], 0, 0)).Should().StartWith("end of tensor");
    }

    [Fact]
    public void Row09_ElementsOverTheCap_AreRefused() =>
        Refuse(new GgufBuilder().AddRaw(Key, 9, GgufBuilder.ArrayOf(0, (4 << 20) + 1, new byte[(4 << 20) + 1]))).Should().Be(Key);

    [Fact]
    public void Row10_ScoresAsBytes_AreReadAsBytesAndNotAsFloats()
    {
        using GgufFile file = new GgufBuilder().Add("tokenizer.ggml.scores", new byte[] { 1, 2, 3 }).Open();

        file.Metadata["tokenizer.ggml.scores"].Should().BeOfType<byte[]>().Which.Should().Equal(1, 2, 3);
        file.Invoking(f => new Llama2.Formats.MetadataReader(f).GetSingleArray("tokenizer.ggml.scores"))
            .Should().Throw<ModelFormatException>()
            .WithMessage("*tokenizer.ggml.scores is an array of 3 values of type Byte; it must be an array of*");
    }

    [Fact]
    public void Row11_ArrayOfArrays_IsRefused()
    {
        byte[] nested = [];
        for (int depth = 0; depth < 5_000; depth++)
            nested = GgufBuilder.ArrayOf(9, 1, depth == 0 ? [] : nested.Length > 4_000 ? nested[..4_000] : nested);

        Refuse(new GgufBuilder().AddRaw(Key, 9, nested)).Should().Be(Key);
    }

    [Theory]
    [InlineData(13u)]
    [InlineData(0x8000_0000u)]
    [InlineData(uint.MaxValue)]
    public void Row11_UnknownValueType_IsRefused(uint type)
    {
        Refuse(new GgufBuilder().AddRaw(Key, type, new byte[64])).Should().Be(Key);
        Refuse(new GgufBuilder().AddRaw(Key, 9, GgufBuilder.ArrayOf(type, 1, new byte[64]))).Should().Be(Key);
    }

    [Theory]
    [InlineData((byte)2)]
    [InlineData((byte)255)]
    public void Row11_BooleanThatIsNeitherZeroNorOne_IsRefused(byte value)
    {
        Refuse(new GgufBuilder().AddRaw(Key, 7, [value])).Should().Be(Key);
        Refuse(new GgufBuilder().AddRaw(Key, 9, GgufBuilder.ArrayOf(7, 2, [1, value]))).Should().Be(Key);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(513)]
    [InlineData(uint.MaxValue)]
    [InlineData(ulong.MaxValue)]
    public void Row12_HyperParameterOutOfRange_IsRefusedWhenAskedFor(object value)
    {
        using GgufFile file = new GgufBuilder().Add("llama.block_count", value).Open();

        ModelFormatException fault = file.Invoking(f => new Llama2.Formats.MetadataReader(f).GetInt32("llama.block_count", 1, 512))
            .Should().Throw<ModelFormatException>().Which;
        fault.Offset.Should().Be(file.MetadataOffset("llama.block_count"));
        fault.Message.Should().Contain($"llama.block_count is {value}; it must be from 1 to 512");
    }

    [Fact]
    public void Row13_DuplicateKeyOrTensorName_IsRefused()
    {
        Refuse(new GgufBuilder().Add("a", 1).Add("b", 1).Add("a", 2)).Should().Be("metadata key");
        Refuse(new GgufBuilder().AddTensor("a", GgmlType.F32, [1], new byte[4]).AddTensor("a", GgmlType.F32, [1], new byte[4]))
            .Should().Be("tensor name");
    }

    [Fact]
    public void Row13_EmptyOrOverlongKeyOrName_IsRefused()
    {
        Refuse(new GgufBuilder().Add("", 1)).Should().Be("metadata key");
        Refuse(new GgufBuilder().Add(new string('k', 65_536), 1)).Should().Be("metadata key");
        Refuse(new GgufBuilder().AddRawTensor("", 1, [1], 0, 0)).Should().Be("tensor name");
        Refuse(new GgufBuilder().AddRawTensor(new string('n', 65), 1, [1], 0, 0)).Should().Be("tensor name");
        new GgufBuilder().Add(new string('k', 65_535), 1).AddTensor(new string('n', 64), GgmlType.F32, [1], new byte[4])
            .Invoking(b => b.Open()).Should().NotThrow();
    }

    [Fact]
    public void Row15_PieceOfMebibytes_IsReadWhole()
    {
        // The length of a piece is limited by the tokenizer and must not be limited by the GGUF reader. The reader must not convert the length to a
        // narrower type either.
        string piece = new('é', 3_000_000);
        using GgufFile file = new GgufBuilder().Add("tokenizer.ggml.tokens", new[] { "a", piece, "b" }).Open();

        string[] tokens = (string[])file.Metadata["tokenizer.ggml.tokens"];
        string.Equals(tokens[1], piece, StringComparison.Ordinal).Should().BeTrue();
        tokens[2].Should().Be("b");
    }

    [Fact]
    public void Row16_StringLengthThatIsSmallWhenCastToAnInt_IsRefused()
    {
        Refuse(new GgufBuilder().AddRaw(Key, 8, [.. GgufBuilder.Bytes((1UL << 32) + 4), .. "four"u8])).Should().Be(Key);
        Refuse(new GgufBuilder().AddRaw(Key, 9, GgufBuilder.ArrayOf(0, (1UL << 32) + 4, [1, 2, 3, 4]))).Should().Be(Key);
    }

    /// <summary>Opens a file that must be refused within the limits, and returns the field that the exception names.</summary>
    private static string Refuse(GgufBuilder builder)
    {
        ModelFormatException? fault = OpeningLimits.OpenWithinLimits(builder.Build());
        fault.Should().NotBeNull();
        fault!.FilePath.Should().Be("memory.gguf");
        fault.Offset.Should().BeGreaterThanOrEqualTo(0);
        return fault.Field;
    }
}
