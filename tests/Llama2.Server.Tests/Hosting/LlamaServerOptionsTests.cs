using System.Security.Claims;
using Microsoft.AspNetCore.Http;

namespace Llama2.Server.Tests.Hosting;

public class LlamaServerOptionsTests
{
    [Fact]
    public void PrefixScope_Default_IsADigestOfTheAuthenticatedUser()
    {
        string? first = ScopeOf(User("a", "issuer 1")), same = ScopeOf(User("a", "issuer 1")), otherId = ScopeOf(User("b", "issuer 1")), otherIssuer = ScopeOf(User("a", "issuer 2"));

        first.Should().MatchRegex("^user [0-9a-f]{64}$").And.Be(same);
        new[] { first, otherId, otherIssuer }.Should().OnlyHaveUniqueItems();
        ScopeOf(User(new string('x', 10_000), "issuer 1"))!.Length.Should().BeLessThan(ComputationOptions.MaxPrefixScopeLength);
    }

    [Fact]
    public void PrefixScope_NobodyIsAuthenticated_IsNull()
    {
        ScopeOf(new ClaimsPrincipal()).Should().BeNull();
        // An identity without an authentication type is only a claim.
        ScopeOf(new ClaimsPrincipal(new ClaimsIdentity([new Claim(ClaimTypes.NameIdentifier, "a")]))).Should().BeNull();
    }

    [Theory]
    [InlineData(1023)]
    [InlineData((1L << 30) + 1)]
    public void MaxBodyByteSize_OutOfRange_Throws(long value) =>
        FluentActions.Invoking(() => new LlamaServerOptions { MaxBodyByteSize = value }).Should().Throw<ArgumentOutOfRangeException>().WithParameterName("MaxBodyByteSize");

    [Theory]
    [InlineData(0)]
    [InlineData(129)]
    public void MaxChoiceCount_OutOfRange_Throws(int value) =>
        FluentActions.Invoking(() => new LlamaServerOptions { MaxChoiceCount = value }).Should().Throw<ArgumentOutOfRangeException>().WithParameterName("MaxChoiceCount");

    [Theory]
    [InlineData(-1)]
    [InlineData(86_401)]
    public void ShutdownGrace_OutOfRange_Throws(int seconds) =>
        FluentActions.Invoking(() => new LlamaServerOptions { ShutdownGrace = TimeSpan.FromSeconds(seconds) }).Should().Throw<ArgumentOutOfRangeException>().WithParameterName("ShutdownGrace");

    [Theory]
    [InlineData(-1)]
    [InlineData(1_000_001)]
    public void MaxStoredResponseCount_OutOfRange_Throws(int value) =>
        FluentActions.Invoking(() => new LlamaServerOptions { MaxStoredResponseCount = value }).Should().Throw<ArgumentOutOfRangeException>().WithParameterName("MaxStoredResponseCount");

    [Theory]
    [InlineData(-1)]
    [InlineData((1L << 40) + 1)]
    public void MaxStoredResponseByteSize_OutOfRange_Throws(long value) =>
        FluentActions.Invoking(() => new LlamaServerOptions { MaxStoredResponseByteSize = value }).Should().Throw<ArgumentOutOfRangeException>().WithParameterName("MaxStoredResponseByteSize");

    [Fact]
    public void Properties_Null_Throw()
    {
        FluentActions.Invoking(() => new LlamaServerOptions { Generation = null! }).Should().Throw<ArgumentNullException>().WithParameterName("Generation");
        FluentActions.Invoking(() => new LlamaServerOptions { PrefixScope = null! }).Should().Throw<ArgumentNullException>().WithParameterName("PrefixScope");
    }

    private static string? ScopeOf(ClaimsPrincipal user) => new LlamaServerOptions().PrefixScope(new DefaultHttpContext { User = user });

    private static ClaimsPrincipal User(string id, string issuer) =>
        new(new ClaimsIdentity([new Claim(ClaimTypes.NameIdentifier, id, ClaimValueTypes.String, issuer)], "test"));
}
