using Llama2.Tests;
using Microsoft.Extensions.DependencyInjection;

namespace Llama2.Extensions.Tests.Routing;

/// <summary>Measures the memory of the whole process, so no other test runs beside it.</summary>
[Collection(nameof(RouterMemoryTests))]
[CollectionDefinition(nameof(RouterMemoryTests), DisableParallelization = true)]
public sealed class RouterMemoryTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task TryUnload_LargeModel_ReturnsItsMemory()
    {
        string path = _folder.File("large.gguf");
        RandomModel.Write(path, new ModelShape(1024, 8, 16, 16, 4096, 256), ModelQuantization.Q8_0);
        long weights = LlamaModel.EstimateMemory(path).WeightByteSize;
        weights.Should().BeGreaterThan(100_000_000);
        await using ServiceProvider services = new ServiceCollection()
            .AddLlamaRouter(options => options.Models["large"] = new LlamaOptions { ModelPath = path }).BuildServiceProvider();
        var router = services.GetRequiredService<LlamaRouter>();

        long before = WorkingSet();

        // The allocator of GNU/Linux keeps freed blocks of up to 32 MiB only once it has seen that such blocks are freed, so the first round is not measured.
        await AskAsync(router);
        router.TryUnload("large").Should().BeTrue();
        long returned = 0, after = 0;
        // Something else in the process may allocate during a round, so one good round of five is enough.
        for (int round = 0; round < 5 && returned <= weights * 9 / 10; round++)
        {
            await AskAsync(router);
            long loaded = WorkingSet();
            router.TryUnload("large").Should().BeTrue();
            after = WorkingSet();
            returned = Math.Max(returned, loaded - after);
        }

        returned.Should().BeGreaterThan(weights * 9 / 10, "the weights were returned to the system");
        // Without FreedMemory, 168 MB of 212 stayed.
        (after - before).Should().BeLessThan(weights / 4, "nothing of the loads stays");
    }

    private static async Task AskAsync(LlamaRouter router)
    {
        using LlamaModelLease lease = await router.RentAsync();
        await RouterFixture.AskAsync(lease.Model, "Once");
    }

    private static long WorkingSet()
    {
        GC.Collect();
        return Environment.WorkingSet;
    }
}
