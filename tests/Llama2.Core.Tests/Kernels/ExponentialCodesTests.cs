using Llama2.Kernels;

namespace Llama2.Tests.Kernels;

public class ExponentialCodesTests
{
    private const int Length = Attention.BlockLength;

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(8)]
    public void Store_RandomRows_RoundsEachProductToItsNearestInteger(int rowCount)
    {
        var random = new Random(rowCount);
        float[] exponentials = [.. Enumerable.Range(0, rowCount * Length).Select(_ => MathF.Exp(-20 * random.NextSingle()))];
        float[] valueScales = [.. Enumerable.Range(0, Length).Select(_ => random.NextSingle())];
        double[] products = [.. exponentials.Select((exponential, i) => (double)exponential * valueScales[i % Length])];
        short[] codes = new short[rowCount * Length];
        float[] scales = new float[rowCount];

        ExponentialCodes.Store(exponentials, valueScales, codes, scales);

        for (int row = 0; row < rowCount; row++)
        {
            double[] rowProducts = products[(row * Length)..((row + 1) * Length)];
            short[] rowCodes = codes[(row * Length)..((row + 1) * Length)];
            ((double)scales[row]).Should().BeApproximately(Math.Max(rowProducts.Max() / 32767, rowProducts.Sum() / (262144 - Length)), 1e-6 * scales[row]);
            // Half a unit, and the float32 roundings of a product of at most 32,767 units.
            rowCodes.Zip(rowProducts).Should().AllSatisfy(pair => (pair.First * (double)scales[row]).Should().BeApproximately(pair.Second, 0.51 * scales[row]));
            rowCodes.Sum(code => code).Should().BeLessThanOrEqualTo(262144);
        }
    }

    [Fact]
    public void Store_OneLargeExponential_IsTheLargestInteger()
    {
        float[] exponentials = new float[Length];
        exponentials[7] = 0.25f;
        short[] codes = new short[Length];

        ExponentialCodes.Store(exponentials, [.. Enumerable.Repeat(2f, Length)], codes, new float[1]);

        codes.Should().Equal(Enumerable.Range(0, Length).Select(i => i == 7 ? short.MaxValue : (short)0));
    }

    [Fact]
    public void Store_Zeros_HasScaleZero()
    {
        short[] codes = [.. Enumerable.Repeat((short)1, Length)];
        float[] scales = [1];

        ExponentialCodes.Store(new float[Length], new float[Length], codes, scales);

        scales.Should().Equal(0);
        codes.Should().OnlyContain(code => code == 0);
    }
}
