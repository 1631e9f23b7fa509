using CsCheck;
using Llama2.Generation;

namespace Llama2.Tests.Generation;

public class PromptPacingTests
{
    // Simulates machines: a pass takes a fixed time for the sequences that generate, plus a time for each prompt token, with some noise.
    [Fact]
    public void TokenLimit_AnyMachineWithNoise_KeepsThePassNearTheDoubleAndUsesThatTime()
    {
        Gen<(double Decode, double Token, double Noise, uint Seed)> machines = Gen.Select(Gen.Double[-4, 0], Gen.Double[-6, -2], Gen.Double[0, 0.1], Gen.UInt)
            .Select((decode, token, noise, seed) => (Math.Pow(10, decode), Math.Pow(10, token), noise, seed));
        machines.Sample(machine =>
        {
            var random = new Random((int)machine.Seed);
            var pacing = new PromptPacing();
            pacing.NeedsDecodeTime.Should().BeTrue();
            for (int pass = 0; pass < 5; pass++)
            {
                pacing.Add(0, isDecoding: true, Time(0));
            }

            pacing.NeedsDecodeTime.Should().BeFalse();
            double last = 0;
            for (int pass = 0; pass < 100; pass++)
            {
                int count = Math.Min(256, pacing.TokenLimit);
                last = Pass(count);
                // The first pass computes up to 8 prompt tokens, and every later pass computes at least 1, whatever these tokens cost.
                double bound = 2 * machine.Decode * (1 + 3 * machine.Noise) + (pass == 0 ? 8 : 1) * machine.Token;
                last.Should().BeLessThanOrEqualTo(bound, "pass {0} has {1} tokens", pass, count);
                pacing.Add(count, isDecoding: true, Time(count));
            }

            bool isWhole = pacing.TokenLimit >= 256;
            if (!isWhole && machine.Noise < 0.02)
            {
                // The worst case is a prompt token that takes 0.4 of the time of a pass without prompts: two such tokens just fit, but only one is
                // computed if noise makes them seem slower.
                last.Should().BeGreaterThan((1 + 0.4 * (1 - machine.Noise) / (1 + 7 * machine.Noise)) * machine.Decode);
            }

            double Pass(int count) => machine.Decode + count * machine.Token;

            TimeSpan Time(int count) => TimeSpan.FromSeconds(Pass(count) * (1 + machine.Noise * (2 * random.NextDouble() - 1)));
        });
    }

    [Fact]
    public void TokenLimit_FirstPassesThatSeemToCostNothing_GrowsAtMostTwofold()
    {
        var pacing = new PromptPacing();
        pacing.Add(0, isDecoding: true, TimeSpan.FromMilliseconds(100));
        int limit = pacing.TokenLimit;
        for (int pass = 0; pass < 5; pass++)
        {
            pacing.Add(limit, isDecoding: true, TimeSpan.FromMilliseconds(99));

            pacing.TokenLimit.Should().BeLessThanOrEqualTo(2 * limit);
            limit = pacing.TokenLimit;
        }
    }

    // A pass without prompts takes 80 ms, so prompts may take 64 ms. The parameter is the measured time of a prompt token.
    [Theory]
    [InlineData(1, 10, 4)]
    [InlineData(1, 100, 4)]
    [InlineData(3, 100, 4)]
    [InlineData(4, 100, 8)]
    [InlineData(8, 100, 12)]
    [InlineData(8, 10, 12)]
    [InlineData(8, 8, 16)]
    [InlineData(5, 8, 12)]
    public void BatchLimit_AnyNumberThatDecodes_IsWholeTilesWithAPlaceForPrompts(int decodingCount, double milliseconds, long expected)
    {
        var pacing = new PromptPacing();
        pacing.Add(0, isDecoding: true, TimeSpan.FromMilliseconds(80));
        pacing.Add(8, isDecoding: true, TimeSpan.FromMilliseconds(80 + (8 * milliseconds)));

        pacing.BatchLimit(decodingCount).Should().Be(expected);
    }

    [Fact]
    public void Add_PassOfPromptsAlone_TeachesNothing()
    {
        var pacing = new PromptPacing();
        pacing.Add(0, isDecoding: true, TimeSpan.FromMilliseconds(10));
        int limit = pacing.TokenLimit;

        pacing.Add(256, isDecoding: false, TimeSpan.FromMilliseconds(1));

        pacing.TokenLimit.Should().Be(limit);
    }
}
