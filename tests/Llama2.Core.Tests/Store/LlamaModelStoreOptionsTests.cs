namespace Llama2.Tests.Store;

public class LlamaModelStoreOptionsTests
{
    [Theory]
    [InlineData("relative")]
    [InlineData("ftp://hub")]
    [InlineData("file:///models")]
    [InlineData("https://user:password@hub")]
    [InlineData("https://hub/?query")]
    public void Endpoint_OtherAddress_IsRefused(string address) =>
        FluentActions.Invoking(() => new LlamaModelStoreOptions { Endpoint = new Uri(address, UriKind.RelativeOrAbsolute) }).Should().Throw<ArgumentException>();

    [Theory]
    [InlineData("")]
    [InlineData("a b")]
    [InlineData("a\r\nX-Header: b")]
    [InlineData("é")]
    public void Token_NoToken_IsRefusedWithoutSayingIt(string token) =>
        FluentActions.Invoking(() => new LlamaModelStoreOptions { Token = token }).Should().Throw<ArgumentException>().WithMessage("The hub's token is empty*");

    [Fact]
    public void Times_OutOfRange_AreRefused()
    {
        FluentActions.Invoking(() => new LlamaModelStoreOptions { StallTimeout = TimeSpan.Zero }).Should().Throw<ArgumentOutOfRangeException>();
        FluentActions.Invoking(() => new LlamaModelStoreOptions { RetryDelay = TimeSpan.FromHours(2) }).Should().Throw<ArgumentOutOfRangeException>();
        FluentActions.Invoking(() => new LlamaModelStoreOptions { RetryCount = -1 }).Should().Throw<ArgumentOutOfRangeException>();
        FluentActions.Invoking(() => new LlamaModelStoreOptions { Folder = " " }).Should().Throw<ArgumentException>();
    }
}
