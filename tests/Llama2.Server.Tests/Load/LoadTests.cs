using Llama2.ServerLoad;
using Llama2.Tests;

namespace Llama2.Server.Tests.Load;

/// <summary>The short forms of benchmarks/server.</summary>
public sealed class LoadTests
{
    [Fact]
    public async Task Soak_64Clients_GetTheAnswersThatEachGetsAlone()
    {
        await using LoadServer server = await LoadServer.StartAsync(options => options.ModelPath = DemonstrationModel.Path);
        var soak = new Soak(server, clientCount: 64);
        await soak.PrepareAsync();

        SoakResult result = await soak.RunAsync(count => count < 3);

        result.Faults.Should().BeEmpty();
        result.DifferentCount.Should().Be(0);
        result.StuckCount.Should().Be(0);
        new[] { result.LeftCount, result.CancelledCount, result.RefusedCount }.Should().OnlyContain(count => count >= 6);
        result.WholeCount.Should().Be(3 * 64 - result.LeftCount - result.CancelledCount - result.RefusedCount);
    }

    [Theory]
    // The model's own queue, and the limit of the whole server.
    [InlineData(64, 1_000_000)]
    [InlineData(1024, 64)]
    public async Task Flood_1000ClientsAgainst64Places_GetOnly200And429(int waitingCount, int activeCount)
    {
        await using LoadServer server = await LoadServer.StartAsync(
            options => (options.ModelPath, options.MaxWaitingCount, options.KeyValueCacheByteSize) = (DemonstrationModel.Path, waitingCount, 1 << 20),
            new LlamaServerOptions { MaxActiveRequestCount = activeCount });

        SortedDictionary<string, int> outcomes = await new Flood(server).RunAsync(1000);

        outcomes.Keys.Should().Equal("200", "429");
        outcomes.Values.Sum().Should().Be(1000);
        outcomes["200"].Should().BeGreaterThanOrEqualTo(64);
        (await server.CountStuckAsync()).Should().Be(0);
    }
}
