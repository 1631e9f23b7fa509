using System.Security.Cryptography;
using System.Text;

namespace Llama2.Server.Tests.Security;

public class LlamaApiKeyTests
{
    [Fact]
    public void Create_Key_Has256BitsAndTheHashOfItsText()
    {
        LlamaApiKey key = LlamaApiKey.Create("alice");

        key.Name.Should().Be("alice");
        key.Text.Should().MatchRegex("^llama2-[A-Za-z0-9_-]{43}$");
        key.Entry.Should().Be($"alice:sha256:{Convert.ToHexStringLower(SHA256.HashData(Encoding.ASCII.GetBytes(key.Text)))}");
        LlamaApiKey.Create("alice").Text.Should().NotBe(key.Text);
    }

    [Fact]
    public void ToString_DoesNotContainTheKey() => LlamaApiKey.Create("alice").ToString().Should().Be("LlamaApiKey { Name = alice }");

    [Theory]
    [InlineData("")]
    [InlineData("a b")]
    [InlineData("a:b")]
    [InlineData("a,b")]
    [InlineData("ä")]
    [InlineData("a\n")]
    public void Create_InvalidName_Throws(string name) => FluentActions.Invoking(() => LlamaApiKey.Create(name)).Should().Throw<LlamaApiKeyException>().WithMessage("*name*");

    [Fact]
    public void Create_NameOf65Characters_Throws() => FluentActions.Invoking(() => LlamaApiKey.Create(new string('a', 65))).Should().Throw<LlamaApiKeyException>();
}
