using Llama2.Cli.Options;

namespace Llama2.Cli.Tests.Options;

public class MemorySizeOptionTests
{
    [Theory]
    [InlineData("0", 0)]
    [InlineData("1048576", 1_048_576)]
    [InlineData("512MB", 512_000_000)]
    [InlineData("8gb", 8_000_000_000)]
    [InlineData("1.5GiB", 1_610_612_736)]
    [InlineData("2TiB", 2_199_023_255_552)]
    public void TryParse_Size_IsRead(string text, long size)
    {
        MemorySizeOption.TryParse(text, out long read).Should().BeTrue();
        read.Should().Be(size);
    }

    [Theory]
    [InlineData("")]
    [InlineData("GB")]
    [InlineData("-1GB")]
    [InlineData("1.5")]
    [InlineData("8 GB")]
    [InlineData("8G")]
    [InlineData("99999999999TB")]
    [InlineData("99999999999999999999999999999999999")]
    public void TryParse_NoSize_IsRefused(string text) => MemorySizeOption.TryParse(text, out _).Should().BeFalse();
}
