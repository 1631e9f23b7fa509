using Llama2.Tests;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Llama2.Extensions.Tests;

public class AddLlamaTests
{
    private static readonly string s_modelPath = RepositoryFiles.Committed("samples", "models", "storyteller-1m-Q8_0.gguf");

    [Fact]
    public async Task ILlamaModel_OfTheDemonstrationModel_Generates()
    {
        await using ServiceProvider services = new ServiceCollection().AddLlama(s_modelPath).BuildServiceProvider();

        GenerationResult result = await services.GetRequiredService<ILlamaModel>()
            .GenerateTextAsync("Once upon a time", new GenerationOptions { Temperature = 0, MaxTokens = 8 });

        result.Usage.GeneratedTokenCount.Should().Be(8);
        result.Text.Should().NotBeEmpty();
    }

    [Fact]
    public async Task ILlamaModel_AskedForByManyThreads_IsLoadedOnce()
    {
        using var log = new RecordingLoggerFactory();
        await using ServiceProvider services = new ServiceCollection()
            .AddSingleton<ILoggerFactory>(log).AddLlama(s_modelPath).BuildServiceProvider();
        using var barrier = new Barrier(4);

        ILlamaModel[] models = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Factory.StartNew(
            () =>
            {
                barrier.SignalAndWait();
                return services.GetRequiredService<ILlamaModel>();
            },
            CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default)));

        models.Should().OnlyContain(model => ReferenceEquals(model, models[0]));
        log.Entries.Should().HaveCount(2);
    }

    [Fact]
    public void AddLlama_ModelNotAskedFor_LoadsNothing()
    {
        using var log = new RecordingLoggerFactory();
        using (new ServiceCollection().AddSingleton<ILoggerFactory>(log).AddLlama(s_modelPath).BuildServiceProvider())
        {
        }

        log.Entries.Should().BeEmpty();
    }

    [Fact]
    public void Load_Logs_BytesAndSeconds()
    {
        using var log = new RecordingLoggerFactory();
        using ServiceProvider services = new ServiceCollection()
            .AddSingleton<ILoggerFactory>(log)
            .AddSingleton<TimeProvider>(new SteppingTimeProvider(TimeSpan.FromSeconds(1.5)))
            .AddLlama(s_modelPath)
            .BuildServiceProvider();

        services.GetRequiredService<ILlamaModel>();

        long byteSize = new FileInfo(s_modelPath).Length;
        log.Entries.Select(entry => entry.Message).Should().Equal(
            $"Loading model '{s_modelPath}', {byteSize} bytes",
            $"Loaded model '{s_modelPath}', {byteSize} bytes, in 1.500 seconds");
        log.Entries[1].Values["Seconds"].Should().Be(1.5);
        log.Entries[1].Values["ByteSize"].Should().Be(byteSize);
    }

    [Fact]
    public void AddLlama_AsTheReadmeShows_RegistersOneSingleton()
    {
        var services = new ServiceCollection();

        services.AddLlama(options =>
        {
            options.ModelPath = "llama-2-7b.Q4_K_M.gguf";
            options.Model = new LlamaModelOptions { ContextLength = 2048 };
        });

        services.Should().ContainSingle(service => service.ServiceType == typeof(ILlamaModel)).Which.Lifetime.Should().Be(ServiceLifetime.Singleton);
    }

    [Fact]
    public void Dispose_OfTheContainer_DisposesTheModel()
    {
        ServiceProvider services = new ServiceCollection().AddLlama(s_modelPath).BuildServiceProvider();
        ILlamaModel model = services.GetRequiredService<ILlamaModel>();

        services.Dispose();

        model.Invoking(it => it.GenerateAsync("Once")).Should().Throw<ObjectDisposedException>();
    }

    [Fact]
    public void AddLlama_ModelOptions_ReachTheModel()
    {
        using ServiceProvider services = new ServiceCollection()
            .AddLlama(options =>
            {
                options.ModelPath = s_modelPath;
                options.Model = new LlamaModelOptions { ContextLength = 32 };
            })
            .BuildServiceProvider();

        services.GetRequiredService<ILlamaModel>().ContextLength.Should().Be(32);
    }

    [Fact]
    public void ILlamaModel_RegisteredBefore_Stays()
    {
        using var own = LlamaModel.Load(s_modelPath);
        using ServiceProvider services = new ServiceCollection().AddSingleton<ILlamaModel>(own).AddLlama(s_modelPath).BuildServiceProvider();

        services.GetRequiredService<ILlamaModel>().Should().BeSameAs(own);
    }

    [Fact]
    public void ILlamaModel_NoModelPath_IsAValidationErrorThatNamesTheProperty() =>
        Resolving(_ => { }).Should().Throw<OptionsValidationException>().WithMessage("*LlamaOptions.ModelPath is empty*");

    [Fact]
    public void ILlamaModel_NoSuchFile_IsAValidationErrorThatNamesPropertyAndValue() =>
        Resolving(options => options.ModelPath = "missing.gguf")
            .Should().Throw<OptionsValidationException>().WithMessage("*LlamaOptions.ModelPath is 'missing.gguf'*no such file*");

    [Fact]
    public void ILlamaModel_NullModelOptions_IsAValidationErrorThatNamesTheProperty() =>
        Resolving(options => (options.ModelPath, options.Model) = (s_modelPath, null!))
            .Should().Throw<OptionsValidationException>().WithMessage("*LlamaOptions.Model is null*");

    [Fact]
    public void ValidateOnStart_NoModelPath_FailsBeforeTheModelIsAskedFor()
    {
        using ServiceProvider services = new ServiceCollection().AddLlama(_ => { }).BuildServiceProvider();

        services.GetRequiredService<IStartupValidator>().Invoking(validator => validator.Validate())
            .Should().Throw<OptionsValidationException>().WithMessage("*LlamaOptions.ModelPath*");
    }

    [Theory]
    [InlineData("")]
    [InlineData(" ")]
    [InlineData(null)]
    public void AddLlama_EmptyPath_IsAnArgumentError(string? path) =>
        new ServiceCollection().Invoking(services => services.AddLlama(path!)).Should().Throw<ArgumentException>().WithParameterName("modelPath");

    private static Func<ILlamaModel> Resolving(Action<LlamaOptions> configure) => () =>
    {
        using ServiceProvider services = new ServiceCollection().AddLlama(configure).BuildServiceProvider();
        return services.GetRequiredService<ILlamaModel>();
    };
}
