using Llama2.Server.Security;

namespace Llama2.Server.Tests.Security;

public class RateHeadersTests
{
    [Theory]
    [InlineData(0, "0ms")]
    [InlineData(20, "20ms")]
    [InlineData(999, "999ms")]
    [InlineData(1000, "1s")]
    [InlineData(7001, "8s")]
    [InlineData(60_000, "1m0s")]
    [InlineData(361_000, "6m1s")]
    public void Format_Time_IsWrittenAsOpenAIDoes(int milliseconds, string text) => RateHeaders.Format(TimeSpan.FromMilliseconds(milliseconds)).Should().Be(text);
}
