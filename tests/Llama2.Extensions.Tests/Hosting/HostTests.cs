using System.Diagnostics;
using Llama2.Extensions.Loading;
using Llama2.Tests;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Llama2.Extensions.Tests.Hosting;

/// <summary>Models in a host.</summary>
public class HostTests
{
    [Fact]
    public async Task TwoNamedModels_OfConfiguration_AreWarmHealthyAndTraced()
    {
        HostApplicationBuilder builder = CreateBuilder(
            ("Models:Writer:ModelPath", DemonstrationModel.Path), ("Models:Writer:PromptFormat", "plain"),
            ("Models:Reader:ModelPath", DemonstrationModel.Path), ("Models:Reader:ContextLength", "64"));
        IConfigurationSection models = builder.Configuration.GetSection("Models");
        builder.Services.AddLlama("writer", models.GetSection("Writer")).WarmUpOnStart()
            .AddChatClient().UseFunctionInvocation().UseOpenTelemetry(sourceName: nameof(HostTests));
        builder.Services.AddLlama("reader", models.GetSection("Reader"))
            .AddEmbeddingGenerator().UseOpenTelemetry(sourceName: nameof(HostTests));
        builder.Services.AddHealthChecks().AddLlama("writer").AddLlama("reader", HealthStatus.Degraded);
        using var recorder = new TelemetryRecorder(nameof(HostTests), LlamaTelemetry.Name);
        using IHost host = builder.Build();
        var health = host.Services.GetRequiredService<HealthCheckService>();

        HealthReport before = await health.CheckHealthAsync();
        await host.StartAsync();
        await WarmUp(host).ExecuteTask!;
        HealthReport warm = await health.CheckHealthAsync();
        ChatResponse response = await host.Services.GetRequiredKeyedService<IChatClient>("writer").GetResponseAsync(Chatting.Prompt, Chatting.Greedy);
        Embedding<float> embedding = await host.Services.GetRequiredKeyedService<IEmbeddingGenerator<string, Embedding<float>>>("reader").GenerateAsync("Red");
        HealthReport after = await health.CheckHealthAsync();
        await host.StopAsync();

        Statuses(before).Should().Equal(("llama:writer", HealthStatus.Unhealthy), ("llama:reader", HealthStatus.Degraded));
        Statuses(warm).Should().Equal(("llama:writer", HealthStatus.Healthy), ("llama:reader", HealthStatus.Degraded));
        Statuses(after).Should().Equal(("llama:writer", HealthStatus.Healthy), ("llama:reader", HealthStatus.Healthy));
        response.Text.Should().StartWith(", there was a quiet boy");
        response.ModelId.Should().Be("writer");
        embedding.ModelId.Should().Be("reader");
        host.Services.GetRequiredKeyedService<ILlamaModel>("reader").ContextLength.Should().Be(64);
        Activity[] chats = [.. recorder.Activities.Where(activity => activity.Source.Name == LlamaTelemetry.Name && (string?)activity.GetTagItem("gen_ai.request.model") == "writer")];
        chats.Should().ContainSingle().Which.Parent!.DisplayName.Should().StartWith("chat", "the engine's activity is a child of Microsoft.Extensions.AI's");
    }

    [Fact]
    public async Task ProgressWithTheNameOfTheModel_IsReported()
    {
        var fractions = new List<double>();
        HostApplicationBuilder builder = CreateBuilder();
        builder.Services.AddLlama("writer", DemonstrationModel.Path);
        builder.Services.AddLlama("reader", DemonstrationModel.Path);
        builder.Services.AddKeyedSingleton<IProgress<ByteProgress>>("writer", new FractionRecorder(fractions));
        using IHost host = builder.Build();
        await host.StartAsync();

        host.Services.GetRequiredKeyedService<ILlamaModel>("reader");
        fractions.Should().BeEmpty();
        host.Services.GetRequiredKeyedService<ILlamaModel>("writer");

        fractions.Should().HaveCountGreaterThan(1).And.BeInAscendingOrder().And.EndWith(1);
    }

    [Theory]
    [InlineData("ModelPath", "missing.gguf")]
    [InlineData("ContextLength", "0")]
    [InlineData("PromptFormat", "unheard of")]
    [InlineData("MaxConversationCount", "0")]
    public async Task InvalidOptions_StopTheHostAtItsStart_AndNameTheProperty(string property, string value)
    {
        HostApplicationBuilder builder = CreateBuilder(("Model:ModelPath", DemonstrationModel.Path));
        builder.Configuration[$"Model:{property}"] = value;
        builder.Services.AddLlama(builder.Configuration.GetSection("Model")).AddChatClient();
        using IHost host = builder.Build();

        await host.Awaiting(it => it.StartAsync()).Should().ThrowAsync<OptionsValidationException>().WithMessage($"*LlamaOptions.{property}*");
    }

    [Fact]
    public async Task ValueOfAnotherType_StopsTheHostAtItsStart_AndNamesTheProperty()
    {
        HostApplicationBuilder builder = CreateBuilder(("Model:ModelPath", DemonstrationModel.Path), ("Model:ContextLength", "much"));
        builder.Services.AddLlama(builder.Configuration.GetSection("Model"));
        using IHost host = builder.Build();

        await host.Awaiting(it => it.StartAsync()).Should().ThrowAsync<InvalidOperationException>().WithMessage("*ContextLength*");
    }

    [Fact]
    public async Task WarmUpOnStart_ModelThatCannotBeLoaded_IsUnhealthyAndStopsTheHost()
    {
        HostApplicationBuilder builder = CreateBuilder();
        builder.Services.AddLlama(RepositoryFiles.Committed("tests", "data", "spm512.model")).WarmUpOnStart();
        builder.Services.AddHealthChecks().AddLlama();
        using IHost host = builder.Build();

        await host.StartAsync();
        await host.WaitForShutdownAsync();

        HealthReportEntry entry = (await host.Services.GetRequiredService<HealthCheckService>().CheckHealthAsync()).Entries["llama"];
        entry.Status.Should().Be(HealthStatus.Unhealthy);
        entry.Exception.Should().BeOfType<ModelFormatException>();
    }

    [Fact]
    public async Task DefaultModel_ClientsAreUnkeyedServicesToo()
    {
        HostApplicationBuilder builder = CreateBuilder();
        ILlamaBuilder llama = builder.Services.AddLlama(options => (options.ModelPath, options.PromptFormat) = (DemonstrationModel.Path, "plain"));
        llama.AddChatClient();
        llama.AddEmbeddingGenerator(new EmbeddingOptions { Pooling = EmbeddingPooling.LastToken });
        using IHost host = builder.Build();

        var client = host.Services.GetRequiredService<IChatClient>();
        var generator = host.Services.GetRequiredService<IEmbeddingGenerator<string, Embedding<float>>>();

        host.Services.GetRequiredKeyedService<IChatClient>("").Should().BeSameAs(client);
        host.Services.GetRequiredKeyedService<IEmbeddingGenerator<string, Embedding<float>>>("").Should().BeSameAs(generator);
        client.GetService<ILlamaModel>().Should().BeSameAs(host.Services.GetRequiredService<ILlamaModel>());
        ILlamaModel model = host.Services.GetRequiredService<ILlamaModel>();
        (await generator.GenerateVectorAsync("Red")).ToArray()
            .Should().Equal((await model.ComputeEmbeddingsAsync(["Red"], new EmbeddingOptions { Pooling = EmbeddingPooling.LastToken }))[0]);
    }

    [Fact]
    public async Task WarmUpOnStart_ModelThatCannotGenerate_IsUnhealthyAndStopsTheHost()
    {
        var disposed = LlamaModel.Load(DemonstrationModel.Path);
        disposed.Dispose();
        HostApplicationBuilder builder = CreateBuilder();
        builder.Services.AddSingleton<ILlamaModel>(disposed);
        builder.Services.AddLlama(DemonstrationModel.Path).WarmUpOnStart();
        builder.Services.AddHealthChecks().AddLlama();
        using IHost host = builder.Build();

        await host.StartAsync();
        await host.WaitForShutdownAsync();

        HealthReportEntry entry = (await host.Services.GetRequiredService<HealthCheckService>().CheckHealthAsync()).Entries["llama"];
        entry.Exception.Should().BeOfType<ObjectDisposedException>();
    }

    [Fact]
    public async Task HealthCheck_ThatStartsLoading_NeedsOnlyProbesToBecomeHealthyAlsoAfterAFailure()
    {
        string path = Path.GetTempFileName();
        File.Copy(RepositoryFiles.Committed("tests", "data", "spm512.model"), path, overwrite: true);
        HostApplicationBuilder builder = CreateBuilder();
        builder.Services.AddLlama(path).AddChatClient();
        builder.Services.AddHealthChecks().AddLlama(startsLoading: true);
        using IHost host = builder.Build();
        await host.StartAsync();

        HealthReportEntry first = await ProbeAsync(host, _ => true), failed = await ProbeAsync(host, entry => entry.Exception is not null);
        // Another file is renamed to the path, because the probe that saw the failure has started another load, which may be reading the old file.
        File.Copy(DemonstrationModel.Path, path + ".new");
        File.Move(path + ".new", path, overwrite: true);
        HealthReportEntry loaded = await ProbeAsync(host, entry => entry.Status == HealthStatus.Healthy);
        await host.StopAsync();
        File.Delete(path);

        (first.Status, first.Description).Should().Be((HealthStatus.Unhealthy, "The model is being loaded."));
        failed.Exception.Should().BeOfType<ModelFormatException>();
        failed.Description.Should().EndWith("loading is tried again.");
        loaded.Description.Should().Be("The model is ready.");
    }

    private static async Task<HealthReportEntry> ProbeAsync(IHost host, Func<HealthReportEntry, bool> isExpected)
    {
        var health = host.Services.GetRequiredService<HealthCheckService>();
        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        while (true)
        {
            patience.Token.ThrowIfCancellationRequested();
            HealthReportEntry entry = (await health.CheckHealthAsync(patience.Token)).Entries["llama"];
            if (isExpected(entry))
                return entry;
            await Task.Yield();
        }
    }

    [Fact]
    public async Task HealthCheck_OfAModelThatIsNotRegistered_SaysSo()
    {
        HostApplicationBuilder builder = CreateBuilder();
        builder.Services.AddHealthChecks().AddLlama("missing");
        using IHost host = builder.Build();

        HealthReportEntry entry = (await host.Services.GetRequiredService<HealthCheckService>().CheckHealthAsync()).Entries["llama:missing"];

        entry.Status.Should().Be(HealthStatus.Unhealthy);
        entry.Description.Should().StartWith("The health of the model 'missing' cannot be checked").And.Contain("AddLlama");
    }

    [Theory]
    [InlineData(null, "AddHealthChecks().AddLlama() checks the default model, which is not registered: add it with services.AddLlama(…), or name one of 'reader', 'writer'.")]
    [InlineData("written", "AddHealthChecks().AddLlama(\"written\") checks a model that is not registered: add it with services.AddLlama(\"written\", …), or name one of 'reader', 'writer'.")]
    public async Task HealthCheck_OfAModelThatIsNotRegistered_StopsTheHostAtItsStart(string? name, string message)
    {
        HostApplicationBuilder builder = CreateBuilder();
        builder.Services.AddHealthChecks().AddLlama("reader").AddLlama(name);
        builder.Services.AddLlama("writer", DemonstrationModel.Path);
        builder.Services.AddLlama("reader", DemonstrationModel.Path);
        using IHost host = builder.Build();

        (await host.Awaiting(it => it.StartAsync()).Should().ThrowAsync<OptionsValidationException>()).Which.Failures.Should().Equal(message);
    }

    [Theory]
    [InlineData(null, "Storyteller 1M")]
    [InlineData("writer", "writer")]
    public async Task WarmUpOnStart_Logs_TheNameOfTheModel(string? name, string expected)
    {
        using var log = new RecordingLoggerFactory();
        HostApplicationBuilder builder = CreateBuilder();
        builder.Services.AddSingleton<ILoggerFactory>(log);
        (name is null ? builder.Services.AddLlama(DemonstrationModel.Path) : builder.Services.AddLlama(name, DemonstrationModel.Path)).WarmUpOnStart();
        using IHost host = builder.Build();

        await host.StartAsync();
        await WarmUp(host).ExecuteTask!;
        await host.StopAsync();

        log.Entries.Should().ContainSingle(entry => entry.Message.StartsWith($"Warmed up model '{expected}'"));
    }

    [Fact]
    public async Task HealthCheck_WhileTheModelIsBeingLoaded_IsUnhealthyAtOnce()
    {
        using var own = LlamaModel.Load(DemonstrationModel.Path);
        using var loaded = new ManualResetEventSlim();
        HostApplicationBuilder builder = CreateBuilder();
        builder.Services.AddSingleton<ILlamaModel>(_ =>
        {
            loaded.Wait();
            return own;
        });
        builder.Services.AddLlama(DemonstrationModel.Path).WarmUpOnStart().AddChatClient();
        builder.Services.AddHealthChecks().AddLlama();
        using IHost host = builder.Build();
        await host.StartAsync();
        var health = host.Services.GetRequiredService<HealthCheckService>();

        HealthReport during = await health.CheckHealthAsync();
        loaded.Set();
        await WarmUp(host).ExecuteTask!;
        HealthReport after = await health.CheckHealthAsync();
        await host.StopAsync();

        during.Entries["llama"].Status.Should().Be(HealthStatus.Unhealthy);
        during.Entries["llama"].Description.Should().Be("The model is not loaded yet.");
        during.Entries["llama"].Exception.Should().BeNull();
        after.Status.Should().Be(HealthStatus.Healthy);
    }

    [Fact]
    public async Task HealthCheck_InvalidOptionsThatNothingHasValidated_DoesNotThrow()
    {
        var services = new ServiceCollection();
        services.AddLogging();
        services.AddLlama(options => options.ModelPath = "");
        services.AddHealthChecks().AddLlama();
        await using ServiceProvider provider = services.BuildServiceProvider();

        (await provider.GetRequiredService<HealthCheckService>().CheckHealthAsync()).Status.Should().Be(HealthStatus.Degraded);
    }

    [Fact]
    public void Load_FileThatIsNoModel_IsLoggedInOneLineForEachAttempt()
    {
        using var log = new RecordingLoggerFactory();
        HostApplicationBuilder builder = CreateBuilder();
        builder.Services.AddSingleton<ILoggerFactory>(log);
        builder.Services.AddLlama(RepositoryFiles.Committed("tests", "data", "spm512.model"));
        using IHost host = builder.Build();

        for (int i = 0; i < 2; i++)
            host.Services.Invoking(services => services.GetRequiredService<ILlamaModel>()).Should().Throw<ModelFormatException>();

        log.Entries.Where(entry => entry.Message.Contains("could not be loaded: ", StringComparison.Ordinal))
            .Should().HaveCount(2).And.OnlyContain(entry => entry.Exception == null && entry.Message.Contains("spm512.model", StringComparison.Ordinal));
    }

    [Fact]
    public void StoppingHost_EndsTheLoading_WhichIsNoFault()
    {
        using var log = new RecordingLoggerFactory();
        HostApplicationBuilder builder = CreateBuilder();
        builder.Services.AddSingleton<ILoggerFactory>(log);
        builder.Services.AddLlama(DemonstrationModel.Path);
        using IHost host = builder.Build();
        host.Services.GetRequiredService<IHostApplicationLifetime>().StopApplication();

        host.Services.Invoking(services => services.GetRequiredService<ILlamaModel>()).Should().Throw<OperationCanceledException>();

        log.Entries.Should().NotContain(entry => entry.Message.Contains("could not be loaded"));
        host.Services.GetRequiredKeyedService<ModelStatus>("").Fault.Should().BeNull();
    }

    [Fact]
    public async Task ModelOfATestsOwn_IsHealthyOnceItIsUsed()
    {
        using var own = LlamaModel.Load(DemonstrationModel.Path);
        HostApplicationBuilder builder = CreateBuilder();
        builder.Services.AddSingleton<ILlamaModel>(own);
        builder.Services.AddLlama(options => (options.ModelPath, options.PromptFormat) = (DemonstrationModel.Path, "plain")).AddChatClient();
        builder.Services.AddHealthChecks().AddLlama();
        using IHost host = builder.Build();
        var health = host.Services.GetRequiredService<HealthCheckService>();

        HealthReport before = await health.CheckHealthAsync();
        var client = host.Services.GetRequiredService<IChatClient>();

        before.Status.Should().Be(HealthStatus.Degraded, "the first request makes it ready");
        client.GetService<ILlamaModel>().Should().BeSameAs(own);
        (await health.CheckHealthAsync()).Status.Should().Be(HealthStatus.Healthy);
    }

    private static IEnumerable<(string Name, HealthStatus Status)> Statuses(HealthReport report) => report.Entries.Select(entry => (entry.Key, entry.Value.Status));

    private static ModelWarmUp WarmUp(IHost host) => host.Services.GetServices<IHostedService>().OfType<ModelWarmUp>().Single();

    private static HostApplicationBuilder CreateBuilder(params (string Key, string Value)[] settings)
    {
        HostApplicationBuilder builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Configuration.AddInMemoryCollection(settings.ToDictionary(setting => setting.Key, setting => (string?)setting.Value));
        return builder;
    }

    private sealed class FractionRecorder(List<double> fractions) : IProgress<ByteProgress>
    {
        public void Report(ByteProgress value)
        {
            lock (fractions)
            {
                fractions.Add(value.Fraction);
            }
        }
    }
}
