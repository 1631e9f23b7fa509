using Llama2.Sampling;

namespace Llama2.Tests.Sampling;

public class LogitBiasTests
{
    [Fact]
    public void Process_AddsToTheNamedTokensOnly() =>
        new LogitBias(new Dictionary<int, float> { [1] = 2.5f, [3] = -1 }).Filter([1, 1, 1, 1]).Should().Equal(1, 3.5f, 1, 0);

    [Fact]
    public void Process_NegativeInfinity_BansTheToken()
    {
        var bias = new LogitBias(new Dictionary<int, float> { [0] = float.NegativeInfinity });

        bias.Bans.Should().BeTrue();
        bias.Filter([float.MaxValue, 1]).Should().Equal(float.NegativeInfinity, 1);
    }

    [Fact]
    public void Process_SumBeyondFloat_StaysFinite() =>
        new LogitBias(new Dictionary<int, float> { [0] = float.MaxValue, [1] = float.MinValue }).Filter([float.MaxValue, float.MinValue])
            .Should().Equal(float.MaxValue, float.MinValue);
}
