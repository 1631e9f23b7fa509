namespace Llama2.Server.Tests.Security;

public class LlamaApiKeyOptionsTests
{
    private const string Secret = "0123456789abcdef0123456789abcdef";

    [Theory]
    [InlineData("alice")]
    [InlineData(":" + Secret)]
    [InlineData("alice:0123456789abcdef0123456789abcde")]
    [InlineData("alice:" + Secret + " 1")]
    [InlineData("alice:" + Secret + "ä")]
    [InlineData("alice:sha256:" + Secret)]
    [InlineData("alice:sha256:" + Secret + "0123456789abcdef0123456789abcdeg")]
    public void Entries_InvalidEntry_ThrowsWithItsNumberAndWithoutItsText(string entry)
    {
        string message = FluentActions.Invoking(() => new LlamaApiKeyOptions { Entries = ["# none", entry] }).Should().Throw<LlamaApiKeyException>().Which.Message;

        message.Should().Contain("entry 2").And.NotContain("0123456789");
    }

    [Fact]
    public void ToString_DoesNotContainKeys() => new LlamaApiKeyOptions { Entries = ["alice:" + Secret] }.ToString().Should().NotContain(Secret).And.NotContain("alice");

    [Fact]
    public void Entries_Null_Throws() => FluentActions.Invoking(() => new LlamaApiKeyOptions { Entries = null! }).Should().Throw<ArgumentNullException>().WithParameterName("Entries");
}
