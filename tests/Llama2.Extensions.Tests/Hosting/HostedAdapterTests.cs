using System.Text.Json;
using Llama2.Extensions.Loading;
using Llama2.Tests;
using Llama2.Tests.Store;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Llama2.Extensions.Tests.Hosting;

/// <summary>Adapters in a model's options; the model has random weights and is in a temporary folder.</summary>
public sealed class HostedAdapterTests : IDisposable
{
    private static readonly string s_modelPath = RepositoryFiles.Committed("tests", "data", "forms", "huggingface");
    private readonly LlamaModel _model = LlamaModel.Load(s_modelPath);

    public void Dispose() => _model.Dispose();

    public static TheoryData<object?, string, float> Choices => new()
    {
        { null, "plain", 0.5f },
        { "Patterns", "patterns", 2 },
        { "patterns=0.25", "patterns", 0.25f },
        { new[] { "plain=1" }, "plain", 1 },
        { JsonElement.Parse("\"patterns\""), "patterns", 2 },
        { JsonElement.Parse("[\"plain=1e-1\"]"), "plain", 0.1f },
        { "unused=1", "stabilized", 1 },
    };

    [Theory]
    [MemberData(nameof(Choices))]
    public async Task Answer_WithWhatTheRequestChooses_IsThatOfTheAdapterGivenByItself(object? chosen, string folder, float scale)
    {
        await using ServiceProvider services = Services(options =>
        {
            options.Adapters["plain"] = new() { Path = PathOf("plain.gguf"), Scale = 0.5f };
            options.Adapters["patterns"] = new() { Path = PathOf("patterns"), Scale = chosen is null ? 0 : 2 };
            options.Adapters["unused"] = new() { Path = PathOf("stabilized"), Scale = 0 };
        });
        using LlamaAdapter adapter = _model.LoadAdapter(PathOf(folder));

        float[] answer = await AnswerAsync(services.GetRequiredService<IChatClient>(), chosen);

        answer.Should().Equal(await ExpectedAsync(new LlamaAdapterUse(adapter, scale)));
        answer.Should().NotEqual(await ExpectedAsync(), "the adapter changes something");
    }

    [Fact]
    public async Task Answer_OfSeveralAdapters_IsThatOfAllOfThem()
    {
        await using ServiceProvider services = Services(options =>
        {
            options.Adapters["plain"] = new() { Path = PathOf("plain"), Scale = 0.5f };
            options.Adapters["patterns"] = new() { Path = PathOf("patterns") };
        });
        using LlamaAdapter plain = _model.LoadAdapter(PathOf("plain")), patterns = _model.LoadAdapter(PathOf("patterns"));

        float[] answer = await AnswerAsync(services.GetRequiredService<IChatClient>(), chosen: null);

        answer.Should().Equal(await ExpectedAsync(new(plain, 0.5f), new(patterns)));
    }

    [Fact]
    public async Task Answer_OfARequestThatChoosesNone_IsTheModelsOwn()
    {
        await using ServiceProvider services = Services(options => options.Adapters["plain"] = new() { Path = PathOf("plain") });

        float[] answer = await AnswerAsync(services.GetRequiredService<IChatClient>(), Array.Empty<string>());

        answer.Should().Equal(await ExpectedAsync());
    }

    [Fact]
    public async Task Answer_OfAnAdapterThatThereIsNot_IsAnErrorThatNamesThoseThatThereAre()
    {
        await using ServiceProvider services = Services(options =>
        {
            options.Adapters["plain"] = new() { Path = PathOf("plain") };
            options.Adapters["formal"] = new() { Path = PathOf("patterns") };
        });
        var client = services.GetRequiredService<IChatClient>();

        await Answering("poems").Should().ThrowAsync<ArgumentException>().WithMessage("ChatOptions.AdditionalProperties[\"Adapters\"] names the adapter 'poems'; the client has formal, plain.*");
        await Answering("plain=much").Should().ThrowAsync<ArgumentException>().WithMessage("*'plain=much': 'much' is not a scale*");
        await Answering("plain=101").Should().ThrowAsync<ArgumentOutOfRangeException>().WithMessage("*101*");
        await Answering(7).Should().ThrowAsync<ArgumentException>().WithMessage("ChatOptions.AdditionalProperties[\"adapters\"] is a Int32*");

        Func<Task> Answering(object chosen) => () => AnswerAsync(client, chosen);
    }

    [Theory]
    [InlineData("Adapters:poems:Path", "missing.gguf", "Adapters['poems'].Path is 'missing.gguf'; there is no such file or folder*")]
    [InlineData("Adapters:poems:Path", " ", "Adapters['poems'].Path is empty*")]
    [InlineData("Adapters:poems:Path", "MODEL", "Adapters['poems'].Path is '*storyteller*")] // a model instead of an adapter
    [InlineData("Adapters:poems:Scale", "-101", "Adapters['poems'].Scale is -101; it must be from -100 to 100.*")]
    [InlineData("Adapters:poems:Scale", "NaN", "Adapters['poems'].Scale is NaN*")]
    [InlineData("Adapters:a=b:Scale", "0", "Adapters['a=b']: a name*")]
    public async Task InvalidAdapter_StopsTheHostAtItsStart_AndNamesTheProperty(string property, string value, string message)
    {
        HostApplicationBuilder builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Configuration.AddInMemoryCollection([new("Story:ModelPath", s_modelPath), new("Story:Adapters:poems:Path", PathOf("plain"))]);
        builder.Configuration[$"Story:{property}"] = value == "MODEL" ? DemonstrationModel.Path : value;
        builder.Services.AddLlama("story", builder.Configuration.GetSection("Story"));
        using IHost host = builder.Build();

        await host.Invoking(it => it.StartAsync()).Should().ThrowAsync<OptionsValidationException>().WithMessage($"*LlamaOptions 'story'.{message}");
    }

    [Fact]
    public void TooManyAdaptersAtOnce_AreAValidationErrorThatNamesTheProperty()
    {
        using ServiceProvider services = Services(options =>
        {
            for (int i = 0; i <= LlamaAdapterUse.MaxCount; i++)
                options.Adapters[$"a{i}"] = new() { Path = PathOf("plain") };
        });

        services.Invoking(it => it.GetRequiredService<IChatClient>()).Should().Throw<OptionsValidationException>().WithMessage("*LlamaOptions.Adapters: 17*at most 16*");
    }

    [Fact]
    public void Section_NamesAdapters()
    {
        IConfigurationRoot configuration = new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["Story:Adapters:poems:Path"] = "poems.gguf",
            ["Story:Adapters:poems:Scale"] = "0.7",
            ["Story:Adapters:formal:Path"] = "formal",
        }).Build();
        using ServiceProvider services = new ServiceCollection().AddLlama("story", configuration.GetSection("Story")).Services.BuildServiceProvider();
        var options = new LlamaOptions();

        foreach (IConfigureOptions<LlamaOptions> configure in services.GetServices<IConfigureOptions<LlamaOptions>>())
            ((IConfigureNamedOptions<LlamaOptions>)configure).Configure("story", options);

        options.Adapters.Should().BeEquivalentTo(new Dictionary<string, LlamaAdapterOptions>
        {
            ["poems"] = new() { Path = "poems.gguf", Scale = 0.7f },
            ["formal"] = new() { Path = "formal" },
        });
    }

    [Fact]
    public async Task WarmUp_OfAnAdapterOfAnotherModel_StopsTheHostAndIsItsHealth()
    {
        using var log = new RecordingLoggerFactory();
        HostApplicationBuilder builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Services.AddSingleton<ILoggerFactory>(log);
        builder.Services.AddLlama(options =>
        {
            options.ModelPath = DemonstrationModel.Path;
            options.Adapters["plain"] = new() { Path = PathOf("plain") };
        }).WarmUpOnStart();
        builder.Services.AddHealthChecks().AddLlama();
        using IHost host = builder.Build();

        await host.StartAsync();
        BackgroundService warmUp = host.Services.GetServices<IHostedService>().OfType<BackgroundService>().Single();
        await FluentActions.Awaiting(() => warmUp.ExecuteTask!).Should().ThrowAsync<ModelFormatException>();

        HealthReport health = await host.Services.GetRequiredService<HealthCheckService>().CheckHealthAsync();
        health.Status.Should().Be(HealthStatus.Unhealthy);
        health.Entries["llama"].Exception.Should().BeOfType<ModelFormatException>();
        log.Entries.Select(entry => entry.Message).Should().Contain(message => message.StartsWith($"Adapter 'plain' could not be loaded from '{PathOf("plain")}': ", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Load_OfAnAdapterThatWasTrainedWithAnotherModel_IsAWarningInTheLog(bool isOfThisModel)
    {
        using var folder = new TemporaryFolder();
        foreach (string file in Directory.GetFiles(PathOf("plain")))
            File.Copy(file, folder.File(Path.GetFileName(file)));
        string fingerprint = isOfThisModel ? _model.Fingerprint : new string('0', 64);
        await File.WriteAllTextAsync(folder.File("llama2_training.json"), $$"""
            {"records": [{"base_name": "other", "base_fingerprint": "{{fingerprint}}", "base_norm_fingerprint": "{{fingerprint}}", "data_fingerprint": "1",
                          "sample_count": 1, "step_count": 1, "seed": "1", "settings": "", "library_version": "1.0.0"}]}
            """);
        using var log = new RecordingLoggerFactory();
        await using ServiceProvider services = Services(options => options.Adapters["poems"] = new() { Path = folder.Path }, log: log);

        _ = services.GetRequiredService<IChatClient>();

        log.Entries.Select(entry => entry.Id.Id).Should().Contain(5, "the adapter is used all the same");
        log.Entries.Where(entry => entry.Id == 13).Select(entry => entry.Message).Should()
            .Equal(isOfThisModel ? [] : [$"Adapter 'poems' from '{folder.Path}' was trained with another model than the one for which it was loaded"]);
    }

    [Fact]
    public async Task PulledAdapter_IsFoundByItsName()
    {
        using var folder = new TemporaryFolder();
        using var hub = new TestHub(("plain.gguf", await File.ReadAllBytesAsync(PathOf("plain.gguf"))));
        var store = new LlamaModelStoreOptions { Folder = folder.File("models"), Endpoint = hub.Endpoint };
        await using ServiceProvider services = Services(options => options.Adapters["poems"] = new() { Path = "owner/repo" }, store);
        await services.GetRequiredService<ILlamaModelStore>().PullAsync(LlamaModelReference.Parse("owner/repo"));
        using LlamaAdapter adapter = _model.LoadAdapter(PathOf("plain"));

        float[] answer = await AnswerAsync(services.GetRequiredService<IChatClient>(), chosen: null);

        answer.Should().Equal(await ExpectedAsync(new LlamaAdapterUse(adapter)));
    }

    [Fact]
    public void Dispose_OfTheContainer_DisposesTheAdapters()
    {
        ServiceProvider services = Services(options => options.Adapters["plain"] = new() { Path = PathOf("plain") });
        _ = services.GetRequiredService<IChatClient>();
        LlamaAdapterUse use = services.GetRequiredKeyedService<ModelAdapters>("").Uses["plain"];
        var own = services.GetRequiredService<ILlamaModel>();

        services.Dispose();

        own.Invoking(model => model.GenerateAsync("a", new GenerationOptions { Adapters = [use] })).Should().Throw<ObjectDisposedException>();
    }

    private static ServiceProvider Services(Action<LlamaOptions> configure, LlamaModelStoreOptions? store = null, ILoggerFactory? log = null)
    {
        var collection = new ServiceCollection();
        if (log is not null)
            collection.AddSingleton(log);
        collection.AddLlama(options =>
        {
            (options.ModelPath, options.PromptFormat) = (s_modelPath, "plain");
            configure(options);
        }).AddChatClient();
        return collection.AddLlamaModelStore(store).BuildServiceProvider();
    }

    /// <summary>The log-probabilities of an answer's tokens, in which the effect of an adapter is visible.</summary>
    private static async Task<float[]> AnswerAsync(IChatClient client, object? chosen)
    {
        var options = new ChatOptions { Temperature = 0, MaxOutputTokens = 4, AdditionalProperties = new() { ["log_probabilities"] = true, ["adapters"] = chosen } };
        List<ChatResponseUpdate> updates = await client.GetStreamingResponseAsync("ab c", options).ToListAsync();
        return [.. updates.Select(update => ((GenerationUpdate)update.RawRepresentation!).LogProbability).OfType<float>()];
    }

    private async Task<float[]> ExpectedAsync(params LlamaAdapterUse[] adapters)
    {
        using var client = new LlamaChatClient(_model, new LlamaChatClientOptions { PromptFormat = PromptFormat.Plain });
        return await AnswerAsync(client, adapters);
    }

    private static string PathOf(string name) => RepositoryFiles.Committed("tests", "data", "adapters", name);
}
