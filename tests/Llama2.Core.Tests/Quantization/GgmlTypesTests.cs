using Llama2.Quantization;

namespace Llama2.Tests.Quantization;

public class GgmlTypesTests
{
    // The weights and bytes of a block, and whether the library computes with the type; from the structs of ggml-common.h.
    [Theory]
    [InlineData(0u, "F32", 1, 4, true)]
    [InlineData(1u, "F16", 1, 2, true)]
    [InlineData(2u, "Q4_0", 32, 2 + 16, true)]
    [InlineData(3u, "Q4_1", 32, 2 + 2 + 16, true)]
    [InlineData(6u, "Q5_0", 32, 2 + 4 + 16, true)]
    [InlineData(7u, "Q5_1", 32, 2 + 2 + 4 + 16, true)]
    [InlineData(8u, "Q8_0", 32, 2 + 32, true)]
    [InlineData(9u, "Q8_1", 32, 2 + 2 + 32, false)]
    [InlineData(10u, "Q2_K", 256, 2 + 2 + 16 + 64, true)]
    [InlineData(11u, "Q3_K", 256, 2 + 64 + 32 + 12, true)]
    [InlineData(12u, "Q4_K", 256, 2 + 2 + 12 + 128, true)]
    [InlineData(13u, "Q5_K", 256, 2 + 2 + 12 + 128 + 32, true)]
    [InlineData(14u, "Q6_K", 256, 2 + 16 + 192, true)]
    [InlineData(15u, "Q8_K", 256, 4 + 256 + 32, false)]
    [InlineData(16u, "IQ2_XXS", 256, 2 + 64, false)]
    [InlineData(17u, "IQ2_XS", 256, 2 + 64 + 8, false)]
    [InlineData(18u, "IQ3_XXS", 256, 2 + 96, false)]
    [InlineData(19u, "IQ1_S", 256, 2 + 32 + 16, false)]
    [InlineData(20u, "IQ4_NL", 32, 2 + 16, true)]
    [InlineData(21u, "IQ3_S", 256, 2 + 64 + 8 + 32 + 4, false)]
    [InlineData(22u, "IQ2_S", 256, 2 + 64 + 8 + 8, false)]
    [InlineData(23u, "IQ4_XS", 256, 2 + 2 + 4 + 128, true)]
    [InlineData(24u, "I8", 1, 1, false)]
    [InlineData(25u, "I16", 1, 2, false)]
    [InlineData(26u, "I32", 1, 4, false)]
    [InlineData(27u, "I64", 1, 8, false)]
    [InlineData(28u, "F64", 1, 8, false)]
    [InlineData(29u, "IQ1_M", 256, 32 + 16 + 8, false)]
    [InlineData(30u, "BF16", 1, 2, true)]
    [InlineData(34u, "TQ1_0", 256, 2 + 4 + 48, false)]
    [InlineData(35u, "TQ2_0", 256, 2 + 64, false)]
    [InlineData(39u, "MXFP4", 32, 1 + 16, false)]
    public void TryGet_NumberOfAType_GivesWhatGgmlHas(uint number, string name, int blockLength, int blockByteSize, bool isSupported)
    {
        GgmlTypes.TryGet(number, out GgmlType type).Should().BeTrue();
        type.ToString().Should().Be(name);
        GgmlTypes.BlockLength(type).Should().Be(blockLength);
        GgmlTypes.BlockByteSize(type).Should().Be(blockByteSize);
        WeightFormats.IsSupported(type).Should().Be(isSupported);
        GgmlTypes.RowByteSize(type, 3L * blockLength).Should().Be(3L * blockByteSize);
    }

    [Fact]
    public void TryGet_AnyNumber_KnowsExactlyTheMembersOfTheEnum()
    {
        for (uint number = 0; number < 1_000; number++)
            GgmlTypes.TryGet(number, out _).Should().Be(Enum.IsDefined((GgmlType)number), $"of number {number}");
        GgmlTypes.TryGet(uint.MaxValue, out _).Should().BeFalse();
        GgmlTypes.TryGet(1u << 31, out _).Should().BeFalse();
    }

    [Fact]
    public void IsRemoved_NumbersBelowTheLast_AreAllRemovedOrKnown()
    {
        for (uint number = 0; number <= 39; number++)
            GgmlTypes.IsRemoved(number).Should().Be(!GgmlTypes.TryGet(number, out _), $"of number {number}");
    }

    [Fact]
    public void RowByteSize_OfALlamaRow_IsGgmls()
    {
        GgmlTypes.RowByteSize(GgmlType.Q4_K, 4_096).Should().Be(2_304);
        GgmlTypes.RowByteSize(GgmlType.Q8_0, 11_008).Should().Be(11_696);
        GgmlTypes.RowByteSize(GgmlType.F16, 0).Should().Be(0);
    }

    [Fact]
    public void RowByteSize_WrongRowOrType_Throws()
    {
        FluentActions.Invoking(() => GgmlTypes.RowByteSize(GgmlType.Q4_0, 33)).Should().Throw<ArgumentOutOfRangeException>();
        FluentActions.Invoking(() => GgmlTypes.RowByteSize(GgmlType.F32, -1)).Should().Throw<ArgumentOutOfRangeException>();
        FluentActions.Invoking(() => GgmlTypes.RowByteSize(GgmlType.F64, long.MaxValue)).Should().Throw<OverflowException>();
        FluentActions.Invoking(() => GgmlTypes.RowByteSize((GgmlType)4, 32)).Should().Throw<ArgumentOutOfRangeException>();
    }
}
