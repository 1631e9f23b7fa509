using Llama2.Model;
using Llama2.Quantization;

namespace Llama2.Tests.Model;

/// <summary>Expected types are those that llama.cpp's llama_tensor_get_type gives to the tensors of a Llama without an importance matrix.</summary>
public class QuantizationMixTests
{
    // use_more_bits by hand: the first and the last eighth (rounded as integers), and every third between, counted from the first eighth's end.
    private static readonly int[] s_moreBitsOf22 = [0, 1, 4, 7, 10, 13, 16, 19, 20, 21];
    private static readonly int[] s_moreBitsOf32 = [0, 1, 2, 3, 6, 9, 12, 15, 18, 21, 24, 27, 28, 29, 30, 31];

    // TinyLlama shares each key among 8 heads; Llama 2 7B does not share.
    private static readonly RandomModelShape s_grouped22 = RandomModelShape.Named["1b"];
    private static readonly RandomModelShape s_ungrouped32 = RandomModelShape.Named["7b"];

    [Theory]
    [InlineData("F32", GgmlType.F32)]
    [InlineData("F16", GgmlType.F16)]
    [InlineData("BF16", GgmlType.BF16)]
    [InlineData("Q8_0", GgmlType.Q8_0)]
    [InlineData("Q4_0", GgmlType.Q6_K)]
    [InlineData("Q4_1", GgmlType.Q6_K)]
    [InlineData("Q5_0", GgmlType.Q6_K)]
    [InlineData("Q5_1", GgmlType.Q6_K)]
    [InlineData("Q6_K", GgmlType.Q6_K)]
    public void Types_PlainFormat_AreThatFormatButForTheOutput(string name, GgmlType output)
    {
        foreach (RandomModelShape shape in new[] { s_grouped22, s_ungrouped32 })
        {
            var mix = new QuantizationMix(name, shape);
            GgmlType type = Enum.Parse<GgmlType>(name);

            mix.Base.Should().Be(type);
            mix.AttentionOutput.Should().Be(type);
            mix.Output.Should().Be(output);
            Layers(shape, mix.Value).Should().AllBeEquivalentTo(type);
            Layers(shape, mix.Down).Should().AllBeEquivalentTo(type);
        }
    }

    [Theory]
    [InlineData("Q4_K_M", GgmlType.Q4_K)]
    [InlineData("Q5_K_M", GgmlType.Q5_K)]
    public void Types_FourAndFiveBitMixes_HaveSixBitsInHalfTheLayers(string name, GgmlType type)
    {
        foreach ((RandomModelShape shape, int[] moreBits) in new[] { (s_grouped22, s_moreBitsOf22), (s_ungrouped32, s_moreBitsOf32) })
        {
            var mix = new QuantizationMix(name, shape);

            mix.Base.Should().Be(type);
            mix.AttentionOutput.Should().Be(type);
            mix.Output.Should().Be(GgmlType.Q6_K);
            LayersOf(shape, mix.Value, GgmlType.Q6_K).Should().Equal(moreBits);
            LayersOf(shape, mix.Value, type).Should().HaveCount(shape.LayerCount - moreBits.Length);
            LayersOf(shape, mix.Down, GgmlType.Q6_K).Should().Equal(moreBits);
            LayersOf(shape, mix.Down, type).Should().HaveCount(shape.LayerCount - moreBits.Length);
        }
    }

    [Theory]
    [InlineData("1b", 1)]
    [InlineData("7b", 2)]
    public void Types_ThreeBitMix_HasFiveBitsFirstAndThenFour(string shapeName, int fiveBitDownCount)
    {
        RandomModelShape shape = RandomModelShape.Named[shapeName];
        var mix = new QuantizationMix("Q3_K_M", shape);

        mix.Base.Should().Be(GgmlType.Q3_K);
        mix.AttentionOutput.Should().Be(GgmlType.Q4_K);
        mix.Output.Should().Be(GgmlType.Q6_K);
        Layers(shape, mix.Value).Should().Equal(Enumerable.Range(0, shape.LayerCount).Select(layer => layer < 2 ? GgmlType.Q5_K : GgmlType.Q4_K));
        Layers(shape, mix.Down).Should().Equal(Enumerable.Range(0, shape.LayerCount).Select(layer => layer < fiveBitDownCount ? GgmlType.Q5_K : GgmlType.Q4_K));
    }

    [Theory]
    [InlineData("1b", GgmlType.Q4_K)]
    [InlineData("7b", GgmlType.Q3_K)]
    public void Types_TwoBitMix_HasMoreBitsWhereKeysAreShared(string shapeName, GgmlType value)
    {
        RandomModelShape shape = RandomModelShape.Named[shapeName];
        var mix = new QuantizationMix("Q2_K", shape);

        mix.Base.Should().Be(GgmlType.Q2_K);
        mix.AttentionOutput.Should().Be(GgmlType.Q3_K);
        mix.Output.Should().Be(GgmlType.Q6_K);
        Layers(shape, mix.Value).Should().AllBeEquivalentTo(value);
        Layers(shape, mix.Down).Should().AllBeEquivalentTo(GgmlType.Q3_K);
    }

    [Theory]
    [InlineData("IQ4_NL", GgmlType.IQ4_NL)]
    [InlineData("IQ4_XS", GgmlType.IQ4_XS)]
    public void Types_NonlinearFormats_HaveFiveBitsInTheFirstEighthAndInSharedValues(string name, GgmlType type)
    {
        foreach ((RandomModelShape shape, GgmlType value, int fiveBitDownCount) in new[] { (s_grouped22, GgmlType.Q5_K, 2), (s_ungrouped32, type, 4) })
        {
            var mix = new QuantizationMix(name, shape);

            mix.Base.Should().Be(type);
            mix.AttentionOutput.Should().Be(type);
            mix.Output.Should().Be(GgmlType.Q6_K);
            Layers(shape, mix.Value).Should().AllBeEquivalentTo(value);
            Layers(shape, mix.Down).Should().Equal(Enumerable.Range(0, shape.LayerCount).Select(layer => layer < fiveBitDownCount ? GgmlType.Q5_K : type));
        }
    }

    [Theory]
    [InlineData("Q2_K", GgmlType.Q5_K)]
    [InlineData("Q3_K_M", GgmlType.Q5_K)]
    [InlineData("Q4_0", GgmlType.Q4_0)]
    public void Value_SeventyBillionParameters_HasFiveBitsInsteadOfThreeAndFour(string name, GgmlType value)
    {
        RandomModelShape shape = RandomModelShape.Named["70b-8layers"] with { LayerCount = 80 };

        Layers(shape, new QuantizationMix(name, shape).Value).Should().AllBeEquivalentTo(value);
    }

    [Fact]
    public void Quantizations_AllNames_HaveAMixOfFormatsThatAreRead()
    {
        foreach (string name in RandomModel.Quantizations)
        {
            var mix = new QuantizationMix(name, s_grouped22);
            GgmlType[] types = [mix.Base, mix.Output, mix.AttentionOutput, .. Layers(s_grouped22, mix.Value), .. Layers(s_grouped22, mix.Down)];
            types.Should().OnlyContain(type => GgmlTypes.IsSupported(type), name);
        }
    }

    private static IEnumerable<GgmlType> Layers(RandomModelShape shape, Func<int, GgmlType> type) => Enumerable.Range(0, shape.LayerCount).Select(type);

    private static IEnumerable<int> LayersOf(RandomModelShape shape, Func<int, GgmlType> type, GgmlType wanted)
        => Enumerable.Range(0, shape.LayerCount).Where(layer => type(layer) == wanted);
}
