using Llama2.Sampling;

namespace Llama2.Tests.Sampling;

public class RandomSourceTests
{
    [Fact]
    public void NextUInt64_StateOneToFour_GivesPublishedValues()
    {
        // The expected values are those in the tests of several xoshiro256** implementations (state 1, 2, 3, 4).
        var random = new RandomSource(1, 2, 3, 4);

        Draw(random, 4).Should().Equal(11520ul, 0ul, 1509978240ul, 1215971899390074240ul);
    }

    [Fact]
    public void Seed_FillsTheStateWithPublishedSplitMix64Values()
    {
        // The published outputs of SplitMix64 for seed 1,234,567.
        var expected = new RandomSource(6457827717110365317, 3203168211198807973, 9817491932198370423, 4593380528125082431);

        Draw(new RandomSource(1234567), 20).Should().Equal(Draw(expected, 20));
    }

    [Fact]
    public void NextDouble_LiesFromZeroToBelowOneAndFillsTheRange()
    {
        var random = new RandomSource(0);
        double[] numbers = [.. Enumerable.Range(0, 100_000).Select(_ => random.NextDouble())];

        numbers.Should().OnlyContain(number => number >= 0 && number < 1);

        // The mean of n uniform numbers has a standard deviation of 1 / sqrt(12 n) = 0.0009; the tolerance is five standard deviations.
        numbers.Average().Should().BeApproximately(0.5, 0.0046);
        numbers.Min().Should().BeLessThan(0.001);
        numbers.Max().Should().BeGreaterThan(0.999);
    }

    private static ulong[] Draw(RandomSource random, int count) => [.. Enumerable.Range(0, count).Select(_ => random.NextUInt64())];
}
