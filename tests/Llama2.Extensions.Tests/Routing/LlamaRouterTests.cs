using Llama2.Tests;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

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
    public async Task RentAsync_NoRoom_UnloadsTheLeastRecentlyUsedModel()
    {
        await using ServiceProvider services = fixture.CreateServices(_clock, Budget("green", "blue"));
        var router = services.GetRequiredService<LlamaRouter>();
        await UseAsync(router, "red");
        await UseAsync(router, "green");
        await UseAsync(router, "red");

        await UseAsync(router, "blue");

        Loaded(router).Should().Equal("red", "blue");
    }

    [Fact]
    public async Task RentAsync_NoRoom_NeverUnloadsAModelThatIsAnswering()
    {
        await using ServiceProvider services = fixture.CreateServices(_clock, Budget("green", "blue"));
        var router = services.GetRequiredService<LlamaRouter>();
        using LlamaModelLease red = await router.RentAsync("red");
        await UseAsync(router, "green");

        await UseAsync(router, "blue");

        Loaded(router).Should().Equal("red", "blue");
        (await RouterFixture.AskAsync(red.Model, "Once")).Should().Be(await fixture.AnswerOfAsync("red", "Once"));
    }

    [Fact]
    public async Task RentAsync_AllModelsAreAnswering_WaitsUntilThereIsRoom()
    {
        await using ServiceProvider services = fixture.CreateServices(_clock, Budget("green", "blue"));
        var router = services.GetRequiredService<LlamaRouter>();
        LlamaModelLease red = await router.RentAsync("red"), green = await router.RentAsync("green");
        Task<LlamaModelLease> waiting = router.RentAsync("blue");
        await WaitUntilAsync(() => _clock.RunningTimerCount > 0);
        waiting.IsCompleted.Should().BeFalse();

        // New requests for the model that has to go wait behind the one that needs its memory.
        Task<LlamaModelLease> behind = router.RentAsync("red");
        red.Dispose();

        using LlamaModelLease blue = await waiting;
        Loaded(router).Should().Equal("green", "blue");
        behind.IsCompleted.Should().BeFalse();
        green.Dispose();
        blue.Dispose();
        using LlamaModelLease again = await behind;
        again.Name.Should().Be("red");
    }

    [Fact]
    public async Task RentAsync_NoRoomForLongerThanTheLimit_IsRefusedAndTheOthersGoOn()
    {
        await using ServiceProvider services = fixture.CreateServices(_clock, Budget("green", "blue"));
        var router = services.GetRequiredService<LlamaRouter>();
        using LlamaModelLease red = await router.RentAsync("red"), green = await router.RentAsync("green");
        Task<LlamaModelLease> waiting = router.RentAsync("blue");
        await WaitUntilAsync(() => _clock.RunningTimerCount > 0);

        _clock.Advance(s_minute);

        (await waiting.Invoking(it => it).Should().ThrowAsync<LlamaBusyException>()).WithMessage("*no room for the model 'blue'*MemoryByteSize, --memory*");
        using LlamaModelLease second = await router.RentAsync("red");
        second.Model.Should().BeSameAs(red.Model);
    }

    [Fact]
    public async Task RentAsync_Cancelled_EndsTheWaitAndLeavesNothingBehind()
    {
        await using ServiceProvider services = fixture.CreateServices(_clock, Budget("green", "blue"));
        var router = services.GetRequiredService<LlamaRouter>();
        using LlamaModelLease red = await router.RentAsync("red"), green = await router.RentAsync("green");
        using var cancellation = new CancellationTokenSource();
        Task<LlamaModelLease> waiting = router.RentAsync("blue", cancellation.Token);
        await WaitUntilAsync(() => _clock.RunningTimerCount > 0);

        await cancellation.CancelAsync();

        await waiting.Invoking(it => it).Should().ThrowAsync<OperationCanceledException>();
        // The models that had to go for it are open again.
        using LlamaModelLease second = await router.RentAsync("red");
        second.Model.Should().BeSameAs(red.Model);
    }

    [Fact]
    public async Task RentAsync_WhileAnotherRequestGivesUp_DoesNotGiveUpToo()
    {
        await using ServiceProvider services = fixture.CreateServices(_clock, Budget("green"));
        var router = services.GetRequiredService<LlamaRouter>();
        LlamaModelLease lease = await router.RentAsync("red");
        for (int i = 0; i < 200; i++)
        {
            string other = i % 2 == 0 ? "green" : "red";
            using var cancellation = new CancellationTokenSource();
            Task<LlamaModelLease> first = router.RentAsync(other, cancellation.Token);
            await WaitUntilAsync(() => _clock.RunningTimerCount > 0);
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
                SpinWait.SpinUntil(() => router.Models[0].IsLoaded);
                cancellation.Cancel();
            });
            await Task.WhenAny(request);
            if (request.IsCompletedSuccessfully)
                (await request).Dispose();

            _clock.Advance(TimeSpan.FromMinutes(10));

            Loaded(router).Should().BeEmpty();
        }
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
        await UseAsync(router, "red");
    }

    [Fact]
    public async Task RentAsync_BudgetForFewerContexts_GivesAsManyAsFit()
    {
        long one = fixture.ByteSizeOf("blue", contextCount: 1), context = fixture.ByteSizeOf("blue", contextCount: 9) - fixture.ByteSizeOf("blue", contextCount: 8);
        await using ServiceProvider services = fixture.CreateServices(_clock, options => (options.MemoryByteSize, options.ContextCount) = (fixture.ByteSizeOf("blue", 9) - 1, 64));
        var router = services.GetRequiredService<LlamaRouter>();

        await UseAsync(router, "blue");

        router.UsedByteSize.Should().Be(fixture.ByteSizeOf("blue", 8)).And.BeGreaterThan(one + context);
    }

    [Fact]
    public async Task IdleModel_IsUnloadedWhenItsTimeIsOver()
    {
        await using ServiceProvider services = fixture.CreateServices(_clock, options => options.IdleTime = TimeSpan.FromMinutes(10));
        var router = services.GetRequiredService<LlamaRouter>();
        await UseAsync(router, "red");
        LlamaModelLease green = await router.RentAsync("green");

        _clock.Advance(TimeSpan.FromMinutes(6));
        await UseAsync(router, "red");
        _clock.Advance(TimeSpan.FromMinutes(6));
        Loaded(router).Should().Equal("red", "green");
        _clock.Advance(TimeSpan.FromMinutes(4));
        Loaded(router).Should().Equal(["green"], "it is in use");
        green.Dispose();
        _clock.Advance(TimeSpan.FromMinutes(10));

        Loaded(router).Should().BeEmpty();
        router.UsedByteSize.Should().Be(0);
        await UseAsync(router, "red");
    }

    [Fact]
    public async Task RentAsync_NamesAliasesAndFiles_FindTheModel()
    {
        await using ServiceProvider services = fixture.CreateServices(_clock, options =>
        {
            options.Aliases["gpt-4o"] = "green";
            options.DefaultModel = "gpt-4o";
        });
        var router = services.GetRequiredService<LlamaRouter>();

        foreach (string? name in (string?[])["green", "GREEN", "gpt-4o", "GPT-4o", "green-model", "green-model.gguf", "Green-Model.GGUF", null])
        {
            using LlamaModelLease lease = await router.RentAsync(name);
            lease.Name.Should().Be("green", name);
        }

        router.Models[1].Aliases.Should().Equal("gpt-4o");
        await router.Invoking(it => it.RentAsync("yellow")).Should().ThrowAsync<LlamaModelNotFoundException>()
            .WithMessage("There is no model 'yellow'; the models are red, green, blue.");
    }

    [Fact]
    public async Task RentAsync_FilesWithOneNameAndSeveralExtensions_AreFoundByTheirWholeNames()
    {
        using var folder = new TemporaryFolder();
        string plain = folder.File("pale.gguf"), backup = folder.File("pale.gguf.bak");
        File.Copy(fixture.PathOf("red"), plain);
        File.Copy(fixture.PathOf("green"), backup);
        await using ServiceProvider services = fixture.CreateServices(_clock, options =>
        {
            options.Models["old"] = new LlamaOptions { ModelPath = backup, ThreadCount = 1 };
            options.Models["new"] = new LlamaOptions { ModelPath = plain, ThreadCount = 1 };
        });
        var router = services.GetRequiredService<LlamaRouter>();

        using LlamaModelLease whole = await router.RentAsync("pale.gguf"), shortened = await router.RentAsync("pale"), other = await router.RentAsync("pale.gguf.bak");

        whole.Name.Should().Be("new");
        shortened.Name.Should().Be("new");
        other.Name.Should().Be("old");
    }

    [Fact]
    public async Task UnloadedModel_IsLoggedWithTheReason()
    {
        using var log = new RecordingLoggerFactory();
        await using ServiceProvider services = fixture.CreateServices(
            _clock,
            options =>
            {
                Budget("green", "blue")(options);
                options.IdleTime = TimeSpan.FromMinutes(10);
            },
            log);
        var router = services.GetRequiredService<LlamaRouter>();
        await UseAsync(router, "red");
        await UseAsync(router, "green");

        await UseAsync(router, "blue");
        router.TryUnload("green").Should().BeTrue();
        router.TryUnload("green").Should().BeFalse();
        _clock.Advance(TimeSpan.FromMinutes(10));

        log.Entries.Select(entry => entry.Message).Where(message => message.StartsWith("Unloaded", StringComparison.Ordinal)).Should().Equal(
            "Unloaded model 'red' to make room for 'blue'",
            "Unloaded model 'green', as the application asked",
            "Unloaded model 'blue', which had no request for 00:10:00");
    }

    [Fact]
    public async Task RentAsync_NoNameAmongSeveral_IsRefused()
    {
        await using ServiceProvider services = fixture.CreateServices(_clock);

        await services.GetRequiredService<LlamaRouter>().Invoking(it => it.RentAsync()).Should().ThrowAsync<LlamaModelNotFoundException>()
            .WithMessage("No model is named*red, green, blue.");
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

    [Fact]
    public async Task ChatClient_ModelId_ChoosesTheModel()
    {
        await using ServiceProvider services = fixture.CreateServices(_clock, options =>
        {
            options.Models["story"] = new LlamaOptions { ModelPath = DemonstrationModel.Path };
            options.Aliases["tale"] = "story";
        });
        var router = services.GetRequiredService<LlamaRouter>();
        using IChatClient client = router.AsIChatClient();
        var options = new ChatOptions { ModelId = "tale", Temperature = 0 };
        using var model = LlamaModel.Load(DemonstrationModel.Path);
        using var direct = new LlamaChatClient(model);
        string expected = (await direct.GetResponseAsync("What sound does a cow make?", new ChatOptions { Temperature = 0 })).Text;

        ChatResponse whole = await client.GetResponseAsync("What sound does a cow make?", options);
        ChatResponse streamed = await client.GetStreamingResponseAsync("What sound does a cow make?", options).ToChatResponseAsync();

        (whole.Text, streamed.Text, whole.ModelId).Should().Be((expected, expected, "story"));
        options.ModelId.Should().Be("tale");
        router.Models.Should().OnlyContain(it => it.ActiveCount == 0);
        client.GetService<LlamaRouter>().Should().BeSameAs(router);
    }

    [Fact]
    public async Task EmbeddingGenerator_ModelId_ChoosesTheModel()
    {
        await using ServiceProvider services = fixture.CreateServices(_clock);
        using IEmbeddingGenerator<string, Embedding<float>> generator = services.GetRequiredService<LlamaRouter>().AsIEmbeddingGenerator();
        using var model = LlamaModel.Load(fixture.PathOf("blue"));

        Embedding<float> embedding = await generator.GenerateAsync("A cow", new EmbeddingGenerationOptions { ModelId = "blue" });

        embedding.Vector.ToArray().Should().Equal((await model.ComputeEmbeddingsAsync((string[])["A cow"]))[0]);
        embedding.ModelId.Should().Be("blue");
    }

    [Fact]
    public async Task Adapter_IsChosenByTheName()
    {
        string path = RepositoryFiles.Committed("tests", "data", "forms", "huggingface"), adapterPath = RepositoryFiles.Committed("tests", "data", "adapters", "patterns");
        await using ServiceProvider services = fixture.CreateServices(_clock, options =>
        {
            var model = new LlamaOptions { ModelPath = path };
            model.Adapters["poems"] = new LlamaAdapterOptions { Path = adapterPath, Scale = 0 };
            options.Models["forms"] = model;
        });
        var router = services.GetRequiredService<LlamaRouter>();
        using var own = LlamaModel.Load(path);
        using LlamaAdapter adapter = own.LoadAdapter(adapterPath);

        using LlamaModelLease plain = await router.RentAsync("forms"), poems = await router.RentAsync("forms:Poems");

        (plain.Name, poems.Name).Should().Be(("forms", "forms:poems"));
        plain.Adapters.Should().BeEmpty();
        poems.Adapters.Single().Scale.Should().Be(1);
        float[] expected = (await own.ComputeEmbeddingsAsync((string[])["A cow"], new EmbeddingOptions { Adapters = [new LlamaAdapterUse(adapter)] }))[0];
        (await poems.EmbeddingGenerator.GenerateVectorAsync("A cow")).ToArray().Should().Equal(expected);
        (await plain.EmbeddingGenerator.GenerateVectorAsync("A cow")).ToArray().Should().NotEqual(expected);
    }

    [Theory]
    [InlineData("Models:red:ModelPath", "missing.gguf", "*Models['red'].ModelPath is 'missing.gguf'*")]
    [InlineData("Models:red:ContextLength", "0", "*Models['red'].ContextLength*")]
    [InlineData("Aliases:a", "purple", "*Aliases['a'] is 'purple'; it must be one of*")]
    [InlineData("Aliases:red", "red", "*Aliases['red']: an alias must not be*")]
    [InlineData("DefaultModel", "purple", "*DefaultModel is 'purple'*")]
    [InlineData("MemoryByteSize", "1000", "*MemoryByteSize is 1000; it must be 1,048,576*")]
    [InlineData("ContextCount", "0", "*ContextCount is 0; it must be from 1 to 64*")]
    [InlineData("IdleTime", "00:00:00", "*IdleTime is 00:00:00; it must be from 1 millisecond to 30 days*")]
    [InlineData("RoomTimeout", "31.00:00:00", "*RoomTimeout is 31.00:00:00*")]
    public async Task InvalidOption_StopsTheHostAtItsStart_AndNamesTheProperty(string property, string value, string message)
    {
        HostApplicationBuilder builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Configuration.AddInMemoryCollection([new("Models:red:ModelPath", fixture.PathOf("red"))]);
        builder.Configuration[property] = value;
        builder.Services.AddLlamaRouter(options => { });
        builder.Services.AddOptions<LlamaRouterOptions>().Bind(builder.Configuration);
        using IHost host = builder.Build();

        await host.Invoking(it => it.StartAsync()).Should().ThrowAsync<OptionsValidationException>().WithMessage(message);
    }

    [Fact]
    public async Task Section_ConfiguresTheRouter()
    {
        IConfigurationRoot configuration = new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["Router:Models:red:ModelPath"] = fixture.PathOf("red"),
            ["Router:Models:red:ThreadCount"] = "1",
            ["Router:Aliases:rot"] = "red",
            ["Router:MemoryByteSize"] = "100000000",
            ["Router:IdleTime"] = "00:10:00",
        }).Build();
        await using ServiceProvider services = new ServiceCollection().AddLlamaRouter(configuration.GetSection("Router")).BuildServiceProvider();
        var router = services.GetRequiredService<LlamaRouter>();

        using LlamaModelLease lease = await router.RentAsync("rot");

        lease.Name.Should().Be("red");
        router.MemoryByteSize.Should().Be(100_000_000);
        services.GetRequiredService<IOptions<LlamaRouterOptions>>().Value.IdleTime.Should().Be(TimeSpan.FromMinutes(10));
    }

    [Fact]
    public async Task RandomRequests_BudgetForTwoOfThree_NeverExceedItAndAlwaysGetTheirModel()
    {
        await using ServiceProvider services = fixture.CreateServices(_clock, Budget("green", "blue"));
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
        Loaded(router).Length.Should().BeLessThanOrEqualTo(2);
        router.UsedByteSize.Should().Be(Loaded(router).Sum(name => fixture.ByteSizeOf(name)));
    }

    private Action<LlamaRouterOptions> Budget(params string[] names) => options => options.MemoryByteSize = names.Sum(name => fixture.ByteSizeOf(name));

    private static string[] Loaded(LlamaRouter router) => [.. router.Models.Where(model => model.IsLoaded).Select(model => model.Name)];

    private async Task UseAsync(LlamaRouter router, string name)
    {
        (await router.RentAsync(name)).Dispose();
        _clock.Advance(TimeSpan.FromTicks(1));
    }

    private static async Task WaitUntilAsync(Func<bool> condition)
    {
        long start = TimeProvider.System.GetTimestamp();
        while (!condition())
        {
            TimeProvider.System.GetElapsedTime(start).Should().BeLessThan(TimeSpan.FromMinutes(1), "the condition comes true");
            await Task.Yield();
        }
    }

    private static void InterlockedMax(ref long location, long value)
    {
        long known = Interlocked.Read(ref location);
        while (value > known)
            known = Interlocked.CompareExchange(ref location, value, known) is var seen && seen == known ? value : seen;
    }
}
