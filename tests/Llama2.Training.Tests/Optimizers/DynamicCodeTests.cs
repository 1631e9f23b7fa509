using Llama2.Training.Optimizers;

namespace Llama2.Training.Tests.Optimizers;

public class DynamicCodeTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Encode_EveryCodesNumber_IsTheCode(bool isSigned)
    {
        DynamicCode code = isSigned ? DynamicCode.Signed : DynamicCode.Unsigned;
        for (int i = 0; i < 256; i++)
        {
            code.Encode(code.Decode((byte)i)).Should().Be((byte)i);
        }

        code.Decode(255).Should().Be(1);
        code.Decode(code.Encode(0)).Should().Be(0);
        code.Decode(0).Should().BeApproximately(isSigned ? -0.99296875f : 0, 1e-7f, "of 64 parts of the largest decade, the middle of the last is 0.1 + 0.9 · 63.5 / 64");
    }

    [Fact]
    public void Encode_AnyNumber_IsTheNearest()
    {
        var random = new Random(1);
        foreach (DynamicCode code in (DynamicCode[])[DynamicCode.Signed, DynamicCode.Unsigned])
        {
            for (int i = 0; i < 2000; i++)
            {
                float value = (float)((random.NextDouble() * 2 - 1) * Math.Pow(10, -random.Next(8)));
                float nearest = Enumerable.Range(0, 256).Min(other => Math.Abs(code.Decode((byte)other) - value));
                Math.Abs(code.Decode(code.Encode(value)) - value).Should().BeApproximately(nearest, 1e-8f);
            }
        }
    }
}
