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
    [InlineData(500, "500ms")]
    [InlineData(1_500, "1500ms")]
    [InlineData(25_000, "25s")]
    [InlineData(60_000, "1m")]
    [InlineData(90_000, "90s")]
    [InlineData(7_200_000, "2h")]
    public void Format_Time_IsReadAsTheSameTime(int milliseconds, string expected)
    {
        TimeSpan time = TimeSpan.FromMilliseconds(milliseconds);

        string text = DurationOption.Format(time);

        text.Should().Be(expected);
        DurationOption.TryParse(text, out TimeSpan read).Should().BeTrue();
        read.Should().Be(time);
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
