namespace Llama2.Tests.Store;

public class FileDownloadTests
{
    private const string Name = "a.gguf";
    private static readonly byte[] s_content = TestHub.Content(300_000);

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(16_384)]
    [InlineData(299_999)]
    public async Task Pull_CutConnection_GoesOnWhereItWas(int cutAt)
    {
        using var fixture = new StoreFixture((Name, s_content));
        Alter(fixture, first: reply => reply with { CutAt = cutAt });

        await PullShouldSucceedAsync(fixture);

        HubRequest last = fixture.Hub.FileRequests.Last();
        last.Header("Range").Should().Be(cutAt == 0 ? null : $"bytes={cutAt}-");
        last.Header("If-Range").Should().Be(cutAt == 0 ? null : "\"1\"");
        fixture.Hub.FileRequests.Should().HaveCount(2);
    }

    [Fact]
    public async Task Pull_InterruptedByAnotherProcess_GoesOnWithItsEntityTag()
    {
        using var fixture = await InterruptedAsync(100_000);

        await PullShouldSucceedAsync(fixture);

        fixture.Hub.FileRequests.Last().Header("Range").Should().Be("bytes=100000-");
        fixture.Hub.FileRequests.Last().Header("If-Range").Should().Be("\"1\"");
    }

    [Fact]
    public async Task Pull_WeakEntityTag_IsNoConditionOfARange()
    {
        using var fixture = new StoreFixture((Name, s_content));
        Alter(fixture, first: reply => reply.With("ETag", "W/\"1\"") with { CutAt = 10 });

        await PullShouldSucceedAsync(fixture);

        fixture.Hub.FileRequests.Last().Header("Range").Should().Be("bytes=10-");
        fixture.Hub.FileRequests.Last().Header("If-Range").Should().BeNull();
    }

    [Fact]
    public async Task Pull_EntityTagThatChanged_BeginsAgain()
    {
        using var fixture = await InterruptedAsync(100_000);
        fixture.Hub.EntityTag = "\"2\"";

        await PullShouldSucceedAsync(fixture);

        fixture.Hub.FileRequests.Should().HaveCount(2);
    }

    [Fact]
    public async Task Pull_ServerThatIgnoresRanges_BeginsAgain()
    {
        using var fixture = await InterruptedAsync(100_000);
        fixture.Hub.Alter = (request, reply) => request.IsForFile ? new HubReply(200, s_content) : reply;

        await PullShouldSucceedAsync(fixture);
    }

    [Theory]
    [InlineData(416, null)]
    [InlineData(206, null)]
    [InlineData(206, "bytes 5-299999/300000")]
    [InlineData(206, "lines 100000-299999/300000")]
    public async Task Pull_AnswerOfAnotherRange_BeginsAgain(int status, string? range)
    {
        using var fixture = await InterruptedAsync(100_000);
        fixture.Hub.Alter = (request, reply) =>
            request.Header("Range") is null ? reply : range is null ? new HubReply(status, []) : new HubReply(status, s_content[100_000..]).With("Content-Range", range);

        await PullShouldSucceedAsync(fixture);

        fixture.Hub.FileRequests.Last().Header("Range").Should().BeNull();
    }

    [Fact]
    public async Task Pull_DamagedRestOfAnEarlierPull_BeginsAgain()
    {
        using var fixture = await InterruptedAsync(100_000);
        byte[] partial = await File.ReadAllBytesAsync(Partial(fixture));
        partial[50_000] ^= 1;
        await File.WriteAllBytesAsync(Partial(fixture), partial);

        await PullShouldSucceedAsync(fixture);

        fixture.Hub.FileRequests.Should().HaveCount(3);
    }

    [Fact]
    public async Task Pull_RestLongerThanTheFile_BeginsAgain()
    {
        using var fixture = await InterruptedAsync(100_000);
        await File.WriteAllBytesAsync(Partial(fixture), TestHub.Content(300_001));

        await PullShouldSucceedAsync(fixture);

        fixture.Hub.FileRequests.Last().Header("Range").Should().BeNull();
    }

    [Fact]
    public async Task Pull_AllBytesThereWithoutTheirName_AsksForNothing()
    {
        using var fixture = await InterruptedAsync(100_000);
        await File.WriteAllBytesAsync(Partial(fixture), s_content);

        await PullShouldSucceedAsync(fixture);

        fixture.Hub.FileRequests.Should().ContainSingle();
    }

    [Fact]
    public async Task Pull_OtherContentOfTheSameLength_IsNotKept()
    {
        using var fixture = new StoreFixture((Name, s_content));
        byte[] forged = [.. s_content];
        forged[^1] ^= 1;
        Alter(fixture, reply => reply with { Body = forged });

        (await fixture.PullFailsAsync()).Should().Contain("hash");

        fixture.Store.Find(StoreFixture.Reference()).Should().BeNull();
        fixture.Files.Sum(path => new FileInfo(path).Length).Should().BeLessThan(100, "only its entity tag is left");
    }

    [Theory]
    [InlineData(300_001, null)]
    [InlineData(299_999, null)]
    [InlineData(0, null)]
    [InlineData(300_001, -1L)]
    [InlineData(300_000, 400_000L)]
    [InlineData(300_000, 10L)]
    public async Task Pull_AnotherSizeThanListed_IsRefusedAtOnce(int length, long? declared)
    {
        using var fixture = new StoreFixture((Name, s_content));
        Alter(fixture, reply => reply with { Body = TestHub.Content(length), DeclaredLength = declared });

        (await fixture.PullFailsAsync()).Should().Contain("300,000");

        fixture.Hub.FileRequests.Should().ContainSingle();
        fixture.Store.Find(StoreFixture.Reference()).Should().BeNull();
    }

    [Fact]
    public async Task Pull_NoContentLength_Succeeds()
    {
        using var fixture = new StoreFixture((Name, s_content));
        Alter(fixture, reply => reply with { DeclaredLength = -1 });

        await PullShouldSucceedAsync(fixture);
    }

    [Theory]
    [InlineData(401, "HF_TOKEN")]
    [InlineData(403, "conditions")]
    [InlineData(404, "has no")]
    [InlineData(418, "418")]
    [InlineData(206, "206")]
    public async Task Pull_RefusedFile_SaysWhyAtOnce(int status, string message)
    {
        using var fixture = new StoreFixture((Name, s_content));
        Alter(fixture, _ => new HubReply(status, []));

        (await fixture.PullFailsAsync()).Should().Contain(message).And.Contain($"'{Name}'");

        fixture.Hub.FileRequests.Should().ContainSingle();
    }

    [Theory]
    [InlineData(408)]
    [InlineData(429)]
    [InlineData(500)]
    [InlineData(503)]
    public async Task Pull_FaultThatPasses_IsRetried(int status)
    {
        using var fixture = new StoreFixture((Name, s_content));
        Alter(fixture, first: _ => new HubReply(status, []).With("Retry-After", "3600"));

        await PullShouldSucceedAsync(fixture);

        fixture.Hub.FileRequests.Should().HaveCount(2);
    }

    [Fact]
    public async Task Pull_FaultThatStays_EndsAfterTheRetries()
    {
        using var fixture = new StoreFixture((Name, s_content));
        Alter(fixture, _ => new HubReply(503, []));

        (await fixture.PullFailsAsync()).Should().Contain("503").And.Contain("5 retries");

        fixture.Hub.FileRequests.Should().HaveCount(6);
    }

    [Fact]
    public async Task Pull_ServerThatCutsAtTheSamePlace_EndsAfterTheRetries()
    {
        using var fixture = new StoreFixture((Name, TestHub.Content(1_500_000)));
        fixture.Hub.Alter = (request, reply) => request.IsForFile ? new HubReply(200, fixture.Hub.Files[Name]) { CutAt = 1_400_000 } : reply;

        (await fixture.PullFailsAsync()).Should().Contain("connection was lost");

        fixture.Hub.FileRequests.Should().HaveCount(6, "only bytes beyond the farthest point so far count as progress");
    }

    [Fact]
    public async Task Pull_Stall_IsRetriedFromThere()
    {
        using var fixture = new StoreFixture((Name, s_content));
        fixture.Options = fixture.Options with { StallTimeout = TimeSpan.FromMilliseconds(150) };
        Alter(fixture, first: reply => reply with { StallAt = 70_000 });

        await PullShouldSucceedAsync(fixture);

        fixture.Hub.FileRequests.Last().Header("Range").Should().Be("bytes=70000-");
    }

    [Fact]
    public async Task Pull_Drip_CountsAsStalled()
    {
        using var fixture = new StoreFixture((Name, s_content));
        fixture.Options = fixture.Options with { StallTimeout = TimeSpan.FromMilliseconds(200), RetryCount = 1 };
        Alter(fixture, reply => reply with { ChunkLength = 10, Pause = TimeSpan.FromMilliseconds(10) });

        (await fixture.PullFailsAsync()).Should().Contain("stalled for 0.2 seconds");
    }

    [Fact]
    public async Task Pull_HubWithoutHash_IsRefused()
    {
        using var fixture = new StoreFixture((Name, s_content));
        fixture.Hub.Alter = (request, reply) => request.IsForFile ? reply : reply.Replace("\"sha256\":\"", "\"sha256\":\"no");

        (await fixture.PullFailsAsync()).Should().Contain("gives no hash");
    }

    private static string Partial(StoreFixture fixture) => fixture.Files.Single(path => path.EndsWith(".partial", StringComparison.Ordinal));

    private static async Task<StoreFixture> InterruptedAsync(int length)
    {
        var fixture = new StoreFixture((Name, s_content));
        Alter(fixture, reply => reply with { CutAt = length });
        using (var store = new LlamaModelStore(fixture.Options with { RetryCount = 0 }))
            await FluentActions.Awaiting(() => store.PullAsync(StoreFixture.Reference())).Should().ThrowAsync<ModelStoreException>();
        new FileInfo(Partial(fixture)).Length.Should().Be(length);
        fixture.Hub.Alter = (_, reply) => reply;
        return fixture;
    }

    private static void Alter(StoreFixture fixture, Func<HubReply, HubReply>? always = null, Func<HubReply, HubReply>? first = null) =>
        fixture.Hub.Alter = (request, reply) =>
            !request.IsForFile ? reply
            : always is not null ? always(reply)
            : fixture.Hub.FileRequests.Count() == 1 ? first!(reply)
            : reply;

    private static async Task PullShouldSucceedAsync(StoreFixture fixture)
    {
        StoredModel model = await fixture.PullAsync();
        (await File.ReadAllBytesAsync(model.Path)).Should().Equal(fixture.Hub.Files[Name]);
        fixture.Files.Should().Equal([model.Path], "neither a partial file nor its entity tag is left");
    }
}
