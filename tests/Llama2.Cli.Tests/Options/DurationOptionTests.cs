using Llama2.Cli.Options;

namespace Llama2.Cli.Tests.Options;

public class DurationOptionTests
{
    [Theory]
    [InlineData("0", 0)]
    [InlineData("90", 90)]
    [InlineData("500ms", 0.5)]
    [InlineData("30s", 30)]
    [InlineData("1.5m", 90)]
    [InlineData("2H", 7200)]
    public void TryParse_Time_IsRead(string text, double seconds)
    {
        DurationOption.TryParse(text, out TimeSpan time).Should().BeTrue();
        time.Should().Be(TimeSpan.FromSeconds(seconds));
    }

    [Theory]
    [InlineData("")]
    [InlineData("s")]
    [InlineData("-1")]
    [InlineData("1,5")]
    [InlineData("1d")]
    [InlineData("1 h")]
    [InlineData("NaN")]
    [InlineData("Infinity")]
    [InlineData("99999999999999999999h")]
    public void TryParse_NoTime_IsRefused(string text) => DurationOption.TryParse(text, out _).Should().BeFalse();
}
