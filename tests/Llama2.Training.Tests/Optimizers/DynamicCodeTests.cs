using Llama2.Training.Kernels;
using Llama2.Training.Optimizers;

namespace Llama2.Training.Tests.Optimizers;

public class DynamicCodeTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Encode_EveryCodesNumber_IsTheCode(bool isSigned)
    {
        CodeLookup code = Lookup(isSigned);
        byte[] all = [.. Enumerable.Range(0, 256).Select(value => (byte)value)], codes = new byte[256];
        float[] numbers = new float[256];

        code.Decode(all, 1, numbers);
        float[] encoded = [.. numbers];
        code.Encode(encoded, codes).Should().Be(1);

        codes.Should().Equal(all);
        numbers[255].Should().Be(1);
        numbers.Should().Contain(0).And.BeInAscendingOrder();
        numbers[0].Should().BeApproximately(isSigned ? -0.99296875f : 0, 1e-7f, "of 64 parts of the largest decade, the middle of the last is 0.1 + 0.9 · 63.5 / 64");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Encode_AnyNumber_IsTheCodeThatASearchFinds(bool isSigned)
    {
        // Every boundary and its neighbours, numbers of all magnitudes, and the special ones. The first number is the scale, 1.
        double[] numbers = DynamicCode.NumbersOf(isSigned);
        float[] boundaries = [.. numbers.Zip(numbers.Skip(1), (lower, upper) => (float)((lower + upper) / 2))];
        var random = new Random(1);
        List<float> values = [1, 0, 1e-7f, 1e-20f, float.Epsilon, 0.1f, 0.999999f];
        values.AddRange(boundaries.SelectMany(boundary => (float[])[boundary, MathF.BitDecrement(boundary), MathF.BitIncrement(boundary)]));
        values.AddRange(Enumerable.Range(0, 200_000).Select(_ => (float)(random.NextDouble() * Math.Pow(10, -8 * random.NextDouble()))));
        if (isSigned)
        {
            values.AddRange(values.ToArray().Select(value => -value));
        }

        float[] encoded = [.. values];
        byte[] codes = new byte[encoded.Length];
        Lookup(isSigned).Encode(encoded, codes).Should().Be(1);

        codes.Should().Equal(values.Select(value => Search(boundaries, value)));
        for (int i = 0; i < 2000; i++)
        {
            // A boundary is rounded by at most 2⁻²⁵, and its neighbours are at most 2⁻²⁴ away, so the distances from it to both codes are equal but for 2⁻²².
            double nearest = numbers.Min(number => Math.Abs(number - values[i]));
            Math.Abs(numbers[codes[i]] - values[i]).Should().BeLessThanOrEqualTo(nearest + Math.Pow(2, -22));
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(7)]
    [InlineData(8)]
    [InlineData(17)]
    [InlineData(256)]
    public void Encode_AnyLength_EqualsTheScalarTwin(int length)
    {
        var random = new Random(length);
        float[] values = [.. Enumerable.Range(0, length).Select(_ => (random.NextSingle() - 0.5f) * MathF.Pow(10, -5 * random.NextSingle()))];
        double[] numbers = DynamicCode.NumbersOf(isSigned: true);
        float[] boundaries = [.. numbers.Zip(numbers.Skip(1), (lower, upper) => (float)((lower + upper) / 2))];
        float largest = values.Max(Math.Abs), inverse = 1 / largest;
        byte[] codes = new byte[length];

        float scale = DynamicCode.Signed.Encode([.. values], codes);

        scale.Should().Be(largest);
        codes.Should().Equal(values.Select(value => Search(boundaries, value * inverse)));
        float[] decoded = new float[length];
        DynamicCode.Signed.Decode(codes, scale, decoded);
        decoded.Should().Equal(codes.Select(code => (float)numbers[code] * scale));
    }

    [Theory]
    [InlineData(0f)]
    [InlineData(1e-42f)]
    public void Encode_NothingThatAScaleCanDivide_IsZeros(float magnitude)
    {
        foreach (bool isSigned in (bool[])[true, false])
        {
            byte[] codes = new byte[20];
            float[] values = [.. Enumerable.Repeat(magnitude, 20)], decoded = new float[20];
            Lookup(isSigned).Encode(values, codes).Should().Be(magnitude);
            Lookup(isSigned).Decode(codes, magnitude, decoded);
            decoded.Should().OnlyContain(value => value == 0);
        }
    }

    [Fact]
    public void Encode_NumbersThatOnlyADamagedCheckpointCauses_StaysWithinTheTable()
    {
        // A negative second moment, NaN or infinity cannot result from training, but from the scales in a file.
        float[] values = [-1, float.NaN, float.PositiveInfinity, float.NegativeInfinity, -0f, 1, -1, 0, 0.5f, float.NaN];
        foreach (bool isSigned in (bool[])[true, false])
        {
            foreach (int length in (int[])[values.Length, 4])
            {
                byte[] codes = new byte[length];
                FluentActions.Invoking(() => Lookup(isSigned).Encode(values.AsSpan(0, length).ToArray(), codes)).Should().NotThrow();
            }
        }

        byte[] negative = new byte[9];
        DynamicCode.Unsigned.Encode([.. Enumerable.Repeat(-1f, 9)], negative);
        negative.Should().OnlyContain(code => code == 255, "the sign is ignored");
    }

    [Fact]
    public void Constructor_BoundariesInOneCell_Throws()
        => FluentActions.Invoking(() => new CodeLookup([0, 0.5f, 0.5001f, 1], [0.25f, 0.50005f, 0.5001f])).Should().Throw<ArgumentException>();

    private static CodeLookup Lookup(bool isSigned) => isSigned ? DynamicCode.Signed : DynamicCode.Unsigned;

    // The scalar reference implementation: a binary search for the first boundary that is not below the value.
    private static byte Search(float[] boundaries, float value)
    {
        int code = 0;
        for (int step = 128; step > 0; step >>= 1)
        {
            if (value > boundaries[code + step - 1])
            {
                code += step;
            }
        }

        return (byte)code;
    }
}
