using Llama2.Tests;
using Microsoft.Extensions.DependencyInjection;

namespace Llama2.Extensions.Tests.Routing;

public sealed class LlamaRouterTests(RouterFixture fixture) : IClassFixture<RouterFixture>
{
    private static readonly TimeSpan s_minute = TimeSpan.FromMinutes(1);
    private readonly ManualTimeProvider _clock = new();

    [Fact]
    public async Task RentAsync_FirstRequest_LoadsTheModelAndOthersNot()
    {
        await using ServiceProvider services = fixture.CreateServices(_clock);
        var router = services.GetRequiredService<LlamaRouter>();
        router.Models.Should().OnlyContain(model => !model.IsLoaded && model.ByteSize == 0 && model.ActiveCount == 0);

        using LlamaModelLease lease = await router.RentAsync("green");

        lease.Name.Should().Be("green");
        lease.Model.Configuration.EmbeddingLength.Should().Be(512);
        router.Models.Select(model => (model.Name, model.IsLoaded, model.ActiveCount)).Should().Equal(("red", false, 0), ("green", true, 1), ("blue", false, 0));
        router.UsedByteSize.Should().Be(fixture.ByteSizeOf("green"));
        (await RouterFixture.AskAsync(lease.Model, "Once")).Should().Be(await fixture.AnswerOfAsync("green", "Once"));
    }

    [Fact]
    public async Task RentAsync_ManyRequestsAtOnce_LoadTheModelOnce()
    {
        await using ServiceProvider services = fixture.CreateServices(_clock);
        var router = services.GetRequiredService<LlamaRouter>();

        LlamaModelLease[] leases = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => router.RentAsync("red")));

        leases.Select(lease => lease.Model).Distinct().Should().ContainSingle();
        router.Models[0].ActiveCount.Should().Be(20);
        Array.ForEach(leases, lease => lease.Dispose());
        Array.ForEach(leases, lease => lease.Dispose());
        router.Models[0].ActiveCount.Should().Be(0, "disposing a lease twice does not count twice");
    }

    [Fact]
    public async Task RentAsync_DamagedFile_FailsAndTheNextRequestTriesAgain()
    {
        using var folder = new TemporaryFolder();
        string path = folder.File("broken.gguf");
        await File.WriteAllTextAsync(path, "GGUF?");
        await using ServiceProvider services = fixture.CreateServices(_clock, options => options.Models["broken"] = new LlamaOptions { ModelPath = path });
        var router = services.GetRequiredService<LlamaRouter>();

        await router.Invoking(it => it.RentAsync("broken")).Should().ThrowAsync<ModelFormatException>();
        router.UsedByteSize.Should().Be(0);
        File.Copy(fixture.PathOf("red"), path, overwrite: true);

        using LlamaModelLease lease = await router.RentAsync("broken");
        lease.Model.Configuration.EmbeddingLength.Should().Be(256);
    }

    [Fact]
    public async Task TryUnload_ModelInUse_IsRefusedAndAfterwardsDone()
    {
        await using ServiceProvider services = fixture.CreateServices(_clock);
        var router = services.GetRequiredService<LlamaRouter>();
        LlamaModelLease lease = await router.RentAsync("red");

        router.TryUnload("red").Should().BeFalse();
        lease.Dispose();
        router.TryUnload("red").Should().BeTrue();

        router.UsedByteSize.Should().Be(0);
        router.TryUnload("red").Should().BeFalse();
    }

    [Fact]
    public async Task IdleModel_IsUnloadedWhenItsTimeIsOver()
    {
        await using ServiceProvider services = fixture.CreateServices(_clock, options => options.IdleTime = TimeSpan.FromMinutes(10));
        var router = services.GetRequiredService<LlamaRouter>();
        await RouterFixture.UseAsync(router, "red", _clock);
        LlamaModelLease green = await router.RentAsync("green");

        _clock.Advance(TimeSpan.FromMinutes(6));
        await RouterFixture.UseAsync(router, "red", _clock);
        _clock.Advance(TimeSpan.FromMinutes(6));
        RouterFixture.LoadedBy(router).Should().Equal("red", "green");
        _clock.Advance(TimeSpan.FromMinutes(4));
        RouterFixture.LoadedBy(router).Should().Equal(["green"], "it is in use");
        green.Dispose();
        _clock.Advance(TimeSpan.FromMinutes(10));

        RouterFixture.LoadedBy(router).Should().BeEmpty();
        router.UsedByteSize.Should().Be(0);
        await RouterFixture.UseAsync(router, "red", _clock);
    }

    [Fact]
    public async Task IdleModel_RequestThatGivesUpWhenItIsLoaded_IsUnloadedWhenItsTimeIsOver()
    {
        await using ServiceProvider services = fixture.CreateServices(_clock, options => options.IdleTime = TimeSpan.FromMinutes(10));
        var router = services.GetRequiredService<LlamaRouter>();
        for (int i = 0; i < 50; i++)
        {
            using var cancellation = new CancellationTokenSource();
            Task<LlamaModelLease> request = router.RentAsync("red", cancellation.Token);
            // The model is loaded, but the task of the load may not have ended yet.
            await Task.Run(() =>
            {
                SpinWait.SpinUntil(() => router.Models[0].IsLoaded, s_minute).Should().BeTrue();
                cancellation.Cancel();
            });
            await Task.WhenAny(request);
            if (request.IsCompletedSuccessfully)
                (await request).Dispose();

            _clock.Advance(TimeSpan.FromMinutes(10));

            RouterFixture.LoadedBy(router).Should().BeEmpty();
        }
    }

    [Fact]
    public async Task UnloadedModel_IsLoggedWithTheReason()
    {
        using var log = new RecordingLoggerFactory();
        await using ServiceProvider services = fixture.CreateServices(
            _clock,
            options =>
            {
                fixture.Budget("green", "blue")(options);
                options.IdleTime = TimeSpan.FromMinutes(10);
            },
            log);
        var router = services.GetRequiredService<LlamaRouter>();
        await RouterFixture.UseAsync(router, "red", _clock);
        await RouterFixture.UseAsync(router, "green", _clock);

        await RouterFixture.UseAsync(router, "blue", _clock);
        router.TryUnload("green").Should().BeTrue();
        router.TryUnload("green").Should().BeFalse();
        _clock.Advance(TimeSpan.FromMinutes(10));

        log.Entries.Select(entry => entry.Message).Where(message => message.StartsWith("Unloaded", StringComparison.Ordinal)).Should().Equal(
            "Unloaded model 'red' to make room for 'blue'",
            "Unloaded model 'green', at the request of the application",
            "Unloaded model 'blue', which had no request for 00:10:00");
    }

    [Fact]
    public async Task Dispose_EndsLeasesAndRefusesRequests()
    {
        ServiceProvider services = fixture.CreateServices(_clock);
        var router = services.GetRequiredService<LlamaRouter>();
        LlamaModelLease lease = await router.RentAsync("red");

        await services.DisposeAsync();

        await FluentActions.Awaiting(() => RouterFixture.AskAsync(lease.Model, "Once")).Should().ThrowAsync<ObjectDisposedException>();
        await router.Invoking(it => it.RentAsync("red")).Should().ThrowAsync<ObjectDisposedException>();
        lease.Dispose();
    }
}
