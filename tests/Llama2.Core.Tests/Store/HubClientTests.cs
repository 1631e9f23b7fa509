namespace Llama2.Tests.Store;

public class HubClientTests
{
    private const string Token = "hf_secret";
    private static readonly byte[] s_content = TestHub.Content(1000);

    [Fact]
    public async Task Pull_Token_GoesToTheHubAndNoFurther()
    {
        using var elsewhere = new TestHub();
        elsewhere.Alter = (_, _) => new HubReply(200, s_content);
        using var fixture = WithToken();
        fixture.Hub.Alter = (request, reply) => request.IsForFile ? new HubReply(302, []).With("Location", $"{elsewhere.Endpoint}elsewhere/a?signature=1") : reply;

        await fixture.PullAsync();

        fixture.Hub.Requests.Should().HaveCount(2).And.OnlyContain(request => request.Header("Authorization") == $"Bearer {Token}");
        elsewhere.Requests.Should().ContainSingle().Which.Headers.Keys.Should().NotContain("Authorization").And.NotContain("Cookie");
        elsewhere.Requests.Single().Path.Should().Be("/elsewhere/a?signature=1");
    }

    [Fact]
    public async Task Pull_RedirectBackFromElsewhere_IsFollowedWithRangesAndToken()
    {
        using var fixture = WithToken();
        fixture.Hub.Alter = (request, reply) =>
            request.Path.StartsWith("/api/models/owner/repo/", StringComparison.Ordinal) ? new HubReply(307, []).With("Location", "/api/models/owner/renamed/") : request.IsForFile ? reply : List(fixture);

        await fixture.PullAsync();

        fixture.Hub.Requests.Should().HaveCount(3).And.OnlyContain(request => request.Header("Authorization") == $"Bearer {Token}");
    }

    [Theory]
    [InlineData("/owner/repo/resolve/again", "redirects more than 10 times")]
    [InlineData("file:///etc/passwd", "redirects from http to file")]
    [InlineData("ftp://127.0.0.1/a", "redirects from http to ftp")]
    public async Task Pull_RedirectThatLeadsNowhere_IsRefused(string location, string message)
    {
        using var fixture = WithToken();
        fixture.Hub.Alter = (request, reply) => request.IsForFile ? new HubReply(302, []).With("Location", location) : reply;

        (await fixture.PullFailsAsync()).Should().Contain(message).And.NotContain(Token);
    }

    [Theory]
    [InlineData(401, "HF_TOKEN")]
    [InlineData(403, "conditions")]
    [InlineData(404, "has no 'owner/repo:a.gguf'")]
    [InlineData(500, "answered 500")]
    public async Task Pull_RefusedList_SaysWhyAndNotTheToken(int status, string message)
    {
        using var fixture = WithToken();
        fixture.Hub.Alter = (_, _) => new HubReply(status, []);

        (await fixture.PullFailsAsync("a.gguf")).Should().Contain(message).And.NotContain(Token);

        Directory.Exists(fixture.Store.Folder).Should().BeFalse();
    }

    [Theory]
    [InlineData("<html>Please sign in</html>")]
    [InlineData("{}")]
    [InlineData("[]")]
    [InlineData("{\"sha\":\"c\",\"siblings\":{}}")]
    [InlineData("{\"sha\":\"../..\",\"siblings\":[]}")]
    [InlineData("{\"sha\":1,\"siblings\":[]}")]
    [InlineData("{\"sha\":\"c\",\"siblings\":[{\"rfilename\":\"a.gguf\"}]}")]
    [InlineData("{\"sha\":\"c\",\"siblings\":[{\"rfilename\":\"a.gguf\",\"size\":-1}]}")]
    [InlineData("{\"sha\":\"c\",\"siblings\":[{\"rfilename\":\"a.gguf\",\"size\":9223372036854775807}]}")]
    [InlineData("{\"sha\":\"c\",\"siblings\":[{\"rfilename\":\"a.gguf\",\"size\":1e400}]}")]
    [InlineData("{\"sha\":\"c\",\"siblings\":[{\"rfilename\":\"a\\n.gguf\",\"size\":1}]}")]
    [InlineData("{\"sha\":\"c\",\"siblings\":[null]}")]
    public async Task Pull_AnswerThatIsNoList_IsRefused(string body)
    {
        using var fixture = WithToken();
        fixture.Hub.Alter = (_, _) => new HubReply(200, System.Text.Encoding.UTF8.GetBytes(body));

        (await fixture.PullFailsAsync()).Should().Contain("hub").And.Contain(fixture.Options.Endpoint!.Authority);
    }

    // When a short JSON value is parsed, it takes more bytes of memory than its text has.
    [Fact]
    public async Task Pull_ListOfMoreValuesThanItsLengthBacks_IsRefused()
    {
        using var fixture = WithToken();
        fixture.Hub.Alter = (request, reply) => request.IsForFile ? reply
            : reply with { Body = [.. System.Text.Encoding.UTF8.GetBytes("{\"x\":[" + string.Concat(Enumerable.Repeat("0,", 1 << 20)) + "0],"), .. reply.Body.AsSpan(1)] };

        (await fixture.PullFailsAsync()).Should().Contain("hub").And.Contain(fixture.Options.Endpoint!.Authority);
    }

    [Fact]
    public async Task Pull_NobodyAtTheAddress_SaysSoAfterTheRetries()
    {
        using var fixture = WithToken();
        fixture.Options = fixture.Options with { RetryCount = 1 };
        fixture.Hub.Dispose();

        (await fixture.PullFailsAsync()).Should().Contain("could not be downloaded").And.Contain(fixture.Options.Endpoint!.Authority);
    }

    [Fact]
    public void Options_Text_HasNoToken() => WithToken().Options.ToString().Should().Contain("Token = set").And.NotContain(Token);

    private static StoreFixture WithToken()
    {
        var fixture = new StoreFixture(("a.gguf", s_content));
        fixture.Options = fixture.Options with { Token = Token };
        return fixture;
    }

    private static HubReply List(StoreFixture fixture) => fixture.Hub.Ordinary("/api/models/owner/repo/revision/main");
}
