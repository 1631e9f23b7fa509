using System.Runtime.Intrinsics;
using Llama2.Training.Kernels;

namespace Llama2.Training.Tests.Kernels;

public class FusedMultiplyAddTests
{
    [Fact]
    public void Emulate_RandomNumbers_RoundsOnce()
    {
        // Few bits of mantissa make ties of the rounding frequent; exponents of addends are near to those of products, or far from them.
        var random = new Random(1);
        for (int i = 0; i < 300_000; i++)
        {
            float left = Number(random, random.Next(24)), right = Number(random, random.Next(24)), addend = Number(random, random.Next(24));
            addend = random.Next(3) switch
            {
                0 => addend,
                1 => MathF.ScaleB(left * right, random.Next(-30, 30)) * (random.Next(2) * 2 - 1),
                _ => -left * right,
            };
            Check(left, right, addend);
        }
    }

    [Theory]
    // 1 + 2⁻²⁴ is halfway between 1 and the next float; a product slightly above or below it decides, which float64 alone would round away.
    [InlineData(1f, 1f, 5.9604645e-8f)]
    [InlineData(5.9604645e-8f, 1.0000001f, 1f)]
    [InlineData(5.9604645e-8f, 0.99999994f, 1f)]
    [InlineData(5.9604645e-8f, 1f, 1.0000001f)]
    [InlineData(0f, 1f, -0f)]
    [InlineData(-0f, 2f, -0f)]
    [InlineData(3.4028235e38f, 2f, -3.4028235e38f)]
    [InlineData(3.4028235e38f, 3.4028235e38f, 1f)]
    [InlineData(1e-23f, 1e-23f, 1e-45f)]
    [InlineData(1e-30f, 1e-30f, 0f)]
    [InlineData(float.PositiveInfinity, 0f, 1f)]
    [InlineData(float.PositiveInfinity, 1f, float.NegativeInfinity)]
    [InlineData(float.PositiveInfinity, 1f, 1f)]
    [InlineData(float.NaN, 1f, 1f)]
    public void Emulate_SpecialNumbers_RoundsOnce(float left, float right, float addend) => Check(left, right, addend);

    private static void Check(float left, float right, float addend)
    {
        float actual = FusedMultiplyAdd.Emulate(Vector128.Create(left), Vector128.Create(right), Vector128.Create(addend))[3], expected = MathF.FusedMultiplyAdd(left, right, addend);
        (BitConverter.SingleToInt32Bits(actual) == BitConverter.SingleToInt32Bits(expected) || (float.IsNaN(actual) && float.IsNaN(expected)))
            .Should().BeTrue($"{left:R} · {right:R} + {addend:R} is {expected:R}, not {actual:R}");
    }

    private static float Number(Random random, int bits)
        => MathF.ScaleB((1 << bits | random.Next(1 << bits)) * (random.Next(2) * 2 - 1), random.Next(-40, 40) - bits);
}
