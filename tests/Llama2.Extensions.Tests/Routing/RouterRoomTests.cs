using Llama2.Tests;
using Microsoft.Extensions.DependencyInjection;

namespace Llama2.Extensions.Tests.Routing;

/// <summary>What a router does when its memory does not hold all models.</summary>
public sealed class RouterRoomTests(RouterFixture fixture) : IClassFixture<RouterFixture>
{
    private static readonly TimeSpan s_minute = TimeSpan.FromMinutes(1);
    private readonly ManualTimeProvider _clock = new();

    [Fact]
    public async Task RentAsync_NoRoom_UnloadsTheLeastRecentlyUsedModel()
    {
        await using ServiceProvider services = fixture.CreateServices(_clock, fixture.Budget("green", "blue"));
        var router = services.GetRequiredService<LlamaRouter>();
        await RouterFixture.UseAsync(router, "red", _clock);
        await RouterFixture.UseAsync(router, "green", _clock);
        await RouterFixture.UseAsync(router, "red", _clock);

        await RouterFixture.UseAsync(router, "blue", _clock);

        RouterFixture.LoadedBy(router).Should().Equal("red", "blue");
    }

    [Fact]
    public async Task RentAsync_NoRoom_NeverUnloadsAModelThatIsAnswering()
    {
        await using ServiceProvider services = fixture.CreateServices(_clock, fixture.Budget("green", "blue"));
        var router = services.GetRequiredService<LlamaRouter>();
        using LlamaModelLease red = await router.RentAsync("red");
        await RouterFixture.UseAsync(router, "green", _clock);

        await RouterFixture.UseAsync(router, "blue", _clock);

        RouterFixture.LoadedBy(router).Should().Equal("red", "blue");
        (await RouterFixture.AskAsync(red.Model, "Once")).Should().Be(await fixture.AnswerOfAsync("red", "Once"));
    }

    [Fact]
    public async Task RentAsync_AllModelsAreAnswering_WaitsUntilThereIsRoom()
    {
        await using ServiceProvider services = fixture.CreateServices(_clock, fixture.Budget("green", "blue"));
        var router = services.GetRequiredService<LlamaRouter>();
        LlamaModelLease red = await router.RentAsync("red"), green = await router.RentAsync("green");
        Task<LlamaModelLease> waiting = router.RentAsync("blue");
        await RouterFixture.WaitUntilAsync(() => _clock.RunningTimerCount > 0);
        waiting.IsCompleted.Should().BeFalse();

        // New requests for the model that has to go wait behind the one that needs its memory.
        Task<LlamaModelLease> behind = router.RentAsync("red");
        red.Dispose();

        using LlamaModelLease blue = await waiting;
        RouterFixture.LoadedBy(router).Should().Equal("green", "blue");
        behind.IsCompleted.Should().BeFalse();
        green.Dispose();
        blue.Dispose();
        using LlamaModelLease again = await behind;
        again.Name.Should().Be("red");
    }

    [Fact]
    public async Task RentAsync_NoRoomForLongerThanTheLimit_IsRefusedAndTheOthersGoOn()
    {
        await using ServiceProvider services = fixture.CreateServices(_clock, fixture.Budget("green", "blue"));
        var router = services.GetRequiredService<LlamaRouter>();
        using LlamaModelLease red = await router.RentAsync("red"), green = await router.RentAsync("green");
        Task<LlamaModelLease> waiting = router.RentAsync("blue");
        await RouterFixture.WaitUntilAsync(() => _clock.RunningTimerCount > 0);

        _clock.Advance(s_minute);

        (await waiting.Invoking(it => it).Should().ThrowAsync<LlamaBusyException>()).WithMessage("*no room for the model 'blue'*MemoryByteSize, --memory*");
        using LlamaModelLease second = await router.RentAsync("red");
        second.Model.Should().BeSameAs(red.Model);
    }

    [Fact]
    public async Task RentAsync_Cancelled_EndsTheWaitAndLeavesNothingBehind()
    {
        await using ServiceProvider services = fixture.CreateServices(_clock, fixture.Budget("green", "blue"));
        var router = services.GetRequiredService<LlamaRouter>();
        using LlamaModelLease red = await router.RentAsync("red"), green = await router.RentAsync("green");
        using var cancellation = new CancellationTokenSource();
        Task<LlamaModelLease> waiting = router.RentAsync("blue", cancellation.Token);
        await RouterFixture.WaitUntilAsync(() => _clock.RunningTimerCount > 0);

        await cancellation.CancelAsync();

        await waiting.Invoking(it => it).Should().ThrowAsync<OperationCanceledException>();
        // The models that had to go for it are open again.
        using LlamaModelLease second = await router.RentAsync("red");
        second.Model.Should().BeSameAs(red.Model);
    }

    [Fact]
    public async Task RentAsync_WhileAnotherRequestGivesUp_DoesNotGiveUpToo()
    {
        await using ServiceProvider services = fixture.CreateServices(_clock, fixture.Budget("green"));
        var router = services.GetRequiredService<LlamaRouter>();
        LlamaModelLease lease = await router.RentAsync("red");
        for (int i = 0; i < 200; i++)
        {
            string other = i % 2 == 0 ? "green" : "red";
            using var cancellation = new CancellationTokenSource();
            Task<LlamaModelLease> first = router.RentAsync(other, cancellation.Token);
            await RouterFixture.WaitUntilAsync(() => _clock.RunningTimerCount > 0);
            Task cancelled = cancellation.CancelAsync();
            await Task.WhenAny(first);

            // The second request comes before, while or after the load ends that nobody waits for any more.
            for (int yields = i % 20; yields > 0; yields--)
                await Task.Yield();
            Task<LlamaModelLease> second = router.RentAsync(other);
            await cancelled;
            lease.Dispose();

            lease = await second;
            lease.Name.Should().Be(other);
        }

        lease.Dispose();
    }

    [Fact]
    public async Task RentAsync_ModelLargerThanTheBudget_IsRefusedWithBothFigures()
    {
        await using ServiceProvider services = fixture.CreateServices(_clock, options => options.MemoryByteSize = fixture.ByteSizeOf("blue", contextCount: 1) - 1);
        var router = services.GetRequiredService<LlamaRouter>();

        LlamaMemoryException exception = (await router.Invoking(it => it.RentAsync("blue")).Should().ThrowAsync<LlamaMemoryException>()).Which;

        exception.RequiredBytes.Should().Be(fixture.ByteSizeOf("blue", contextCount: 1));
        exception.AvailableBytes.Should().Be(router.MemoryByteSize);
        exception.Message.Should().Contain("'blue'").And.Contain("MemoryByteSize, --memory").And.Contain("ContextLength, --context");
        router.UsedByteSize.Should().Be(0);
        await RouterFixture.UseAsync(router, "red", _clock);
    }

    [Fact]
    public async Task RentAsync_BudgetForFewerContexts_GivesAsManyAsFit()
    {
        long one = fixture.ByteSizeOf("blue", contextCount: 1), context = fixture.ByteSizeOf("blue", contextCount: 9) - fixture.ByteSizeOf("blue", contextCount: 8);
        await using ServiceProvider services = fixture.CreateServices(_clock, options => (options.MemoryByteSize, options.ContextCount) = (fixture.ByteSizeOf("blue", 9) - 1, 64));
        var router = services.GetRequiredService<LlamaRouter>();

        await RouterFixture.UseAsync(router, "blue", _clock);

        router.UsedByteSize.Should().Be(fixture.ByteSizeOf("blue", 8)).And.BeGreaterThan(one + context);
    }

    [Fact]
    public async Task RandomRequests_BudgetForTwoOfThree_NeverExceedItAndAlwaysGetTheirModel()
    {
        await using ServiceProvider services = fixture.CreateServices(_clock, fixture.Budget("green", "blue"));
        var router = services.GetRequiredService<LlamaRouter>();
        Dictionary<string, string> answers = [];
        foreach (string name in RouterFixture.Names)
            answers[name] = await fixture.AnswerOfAsync(name, "Once");
        var random = new Random(20261130);
        long largest = 0;

        // 200 requests from 4 clients; each client asks one request after the other.
        string[][] requests = [.. Enumerable.Range(0, 4).Select(_ => Enumerable.Range(0, 50).Select(_ => RouterFixture.Names[random.Next(3)]).ToArray())];
        await Task.WhenAll(requests.Select(client => Task.Run(async () =>
        {
            foreach (string name in client)
            {
                using LlamaModelLease lease = await router.RentAsync(name);
                InterlockedMax(ref largest, router.UsedByteSize);
                lease.Name.Should().Be(name);
                (await RouterFixture.AskAsync(lease.Model, "Once")).Should().Be(answers[name]);
                InterlockedMax(ref largest, router.UsedByteSize);
            }
        })));

        largest.Should().BeLessThanOrEqualTo(router.MemoryByteSize).And.BeGreaterThan(fixture.ByteSizeOf("blue"));
        router.Models.Should().OnlyContain(model => model.ActiveCount == 0);
        RouterFixture.LoadedBy(router).Length.Should().BeLessThanOrEqualTo(2);
        router.UsedByteSize.Should().Be(RouterFixture.LoadedBy(router).Sum(name => fixture.ByteSizeOf(name)));
    }

    private static void InterlockedMax(ref long location, long value)
    {
        long known = Interlocked.Read(ref location);
        while (value > known)
            known = Interlocked.CompareExchange(ref location, value, known) is var seen && seen == known ? value : seen;
    }
}
