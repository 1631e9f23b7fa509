using Llama2.Training.Kernels;

namespace Llama2.Training.Tests.Kernels;

public class LaneSumsTests
{
    public static TheoryData<int> Lengths => [0, 1, 15, 16, 17, 31, 32, 100, 1000, 32000];

    [Theory]
    [MemberData(nameof(Lengths))]
    public void Sums_AnyLength_EqualTheScalarTwinBitForBit(int length)
    {
        var random = new Random(length);
        float[] a = Numbers(length, random), b = Numbers(length, random), c = Numbers(length, random);

        LaneSums.Sum(a).Should().Be(Twin(length, i => a[i]));
        LaneSums.SumOfSquares(a).Should().Be(Twin(length, i => a[i] * a[i]));
        LaneSums.Dot(a, b).Should().Be(Twin(length, i => a[i] * b[i]));
        LaneSums.Dot(a, b, c).Should().Be(Twin(length, i => a[i] * b[i] * c[i]));

        // The error of a sum of n numbers is at most n · 2⁻²⁴ of the sum of their magnitudes; 16 partial sums have a sixteenth of it, and at least 6 roundings.
        double exact = a.Zip(b).Sum(pair => (double)pair.First * pair.Second), size = a.Zip(b).Sum(pair => Math.Abs((double)pair.First * pair.Second));
        ((double)LaneSums.Dot(a, b)).Should().BeApproximately(exact, (32 + length / 16) * Math.Pow(2, -24) * size + 1e-30);
    }

    [Fact]
    public void Dot_SpansOfDifferentLengths_Throws()
        => FluentActions.Invoking(() => LaneSums.Dot(new float[16], new float[15])).Should().Throw<ArgumentOutOfRangeException>();

    private static float[] Numbers(int length, Random random) => [.. Enumerable.Range(0, length).Select(_ => random.NextSingle() - 0.5f)];

    // Lane i of 16 has terms i, i + 16 and so on. Lanes that are 8 apart are added, then 4, 2 and 1 apart; then the terms after the last whole group.
    private static float Twin(int length, Func<int, float> term)
    {
        float[] lanes = new float[16];
        int whole = length / 16 * 16;
        for (int i = 0; i < whole; i++)
        {
            lanes[i % 16] += term(i);
        }

        for (int distance = 8; distance > 0; distance /= 2)
        {
            for (int i = 0; i < distance; i++)
            {
                lanes[i] += lanes[i + distance];
            }
        }

        float sum = lanes[0];
        for (int i = whole; i < length; i++)
        {
            sum += term(i);
        }

        return sum;
    }
}
