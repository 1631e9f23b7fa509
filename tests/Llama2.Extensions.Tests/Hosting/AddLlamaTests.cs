using System.Reflection;
using System.Runtime.InteropServices;
using Llama2.Tests;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Llama2.Extensions.Tests.Hosting;

public class AddLlamaTests
{
    private static readonly string s_modelPath = RepositoryFiles.Committed("samples", "models", "storyteller-1m-Q8_0.gguf");

    [Fact]
    public async Task ILlamaModel_OfTheDemonstrationModel_Generates()
    {
        await using ServiceProvider services = new ServiceCollection().AddLlama(s_modelPath).Services.BuildServiceProvider();

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
            .AddSingleton<ILoggerFactory>(log).AddLlama(s_modelPath).Services.BuildServiceProvider();
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
        using (new ServiceCollection().AddSingleton<ILoggerFactory>(log).AddLlama(s_modelPath).Services.BuildServiceProvider())
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
            .Services.BuildServiceProvider();

        services.GetRequiredService<ILlamaModel>();

        long byteSize = new FileInfo(s_modelPath).Length;
        log.Entries.Select(entry => entry.Message).Should().Equal(
            $"Loading model '{s_modelPath}', {byteSize} bytes",
            $"Loaded model '{s_modelPath}', {byteSize} bytes, in 1.500 seconds; its kernels are {LlamaHardware.KernelTier}");
        log.Entries[1].Values["Seconds"].Should().BeOfType<double>().Which.Should().Be(1.5);
        log.Entries[1].Values["ByteSize"].Should().BeOfType<long>().Which.Should().Be(byteSize);
    }

    // On a processor without faster kernels, the warning is the same but states another reason. Both architectures on which the tests run have faster kernels.
    [Fact]
    public void Load_OnPortableKernels_LogsAWarning()
    {
        using var log = new RecordingLoggerFactory();
        using ServiceProvider services = new ServiceCollection()
            .AddSingleton<ILoggerFactory>(log)
            .AddLlama(options => (options.ModelPath, options.KernelTier) = (s_modelPath, KernelTier.Portable))
            .Services.BuildServiceProvider();

        services.GetRequiredService<ILlamaModel>();

        log.Entries[1].Message.Should().EndWith("; its kernels are Portable");
        log.Entries[2].Message.Should().StartWith($"Model '{s_modelPath}' runs on portable kernels");
    }

    [Fact]
    public void Dispose_OfTheContainer_DisposesTheModel()
    {
        ServiceProvider services = new ServiceCollection().AddLlama(s_modelPath).Services.BuildServiceProvider();
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
                options.ContextLength = 32;
                options.ThreadCount = 1;
            })
            .Services.BuildServiceProvider();

        ILlamaModel model = services.GetRequiredService<ILlamaModel>();
        model.ContextLength.Should().Be(32);
        model.ThreadCount.Should().Be(1);
    }

    [Fact]
    public void AddLlama_TwoModels_ShareTheRuntimeThatIsRegistered()
    {
        using var runtime = new LlamaRuntime(new LlamaRuntimeOptions { ThreadCount = 3 });
        using ServiceProvider services = new ServiceCollection()
            .AddSingleton(runtime)
            .AddLlama("a", options => options.ModelPath = s_modelPath).Services
            .AddLlama("b", options => options.ModelPath = s_modelPath).Services
            .AddLlama("c", options => (options.ModelPath, options.ThreadCount) = (s_modelPath, 2)).Services
            .BuildServiceProvider();

        LlamaRuntime Of(string name) => services.GetRequiredKeyedService<ILlamaModel>(name).Should().BeOfType<LlamaModel>().Which.Runtime;

        Of("a").Should().BeSameAs(runtime).And.BeSameAs(Of("b"));
        Of("c").Should().NotBeSameAs(runtime);
        Of("c").ThreadCount.Should().Be(2);
    }

    [Fact]
    public void AddLlama_WithoutARuntime_TakesTheSharedOne()
    {
        using ServiceProvider services = new ServiceCollection().AddLlama(s_modelPath).Services.BuildServiceProvider();

        services.GetRequiredService<ILlamaModel>().Should().BeOfType<LlamaModel>().Which.Runtime.Should().BeSameAs(LlamaRuntime.Shared);
    }

    [Fact]
    public void ILlamaModel_RegisteredBefore_Stays()
    {
        using var own = LlamaModel.Load(s_modelPath);
        using ServiceProvider services = new ServiceCollection().AddSingleton<ILlamaModel>(own).AddLlama(s_modelPath).Services.BuildServiceProvider();

        services.GetRequiredService<ILlamaModel>().Should().BeSameAs(own);
    }

    [Fact]
    public void ILlamaModel_NoModelPath_IsAValidationErrorThatNamesTheProperty() =>
        Resolving(_ => { }).Should().Throw<OptionsValidationException>().WithMessage("*LlamaOptions.ModelPath is empty*");

    [Fact]
    public void ILlamaModel_NoSuchFile_IsAValidationErrorThatNamesPropertyAndValue() =>
        Resolving(options => options.ModelPath = "missing.gguf")
            .Should().Throw<OptionsValidationException>().WithMessage("*LlamaOptions.ModelPath is 'missing.gguf'*no such file*");

    [Theory]
    [InlineData("ContextLength")]
    [InlineData("ThreadCount")]
    [InlineData("KeyValueCacheType")]
    [InlineData("KeyValueCacheByteSize")]
    [InlineData("MaxWaitingCount")]
    [InlineData("PromptFormat")]
    [InlineData("SpecialTokens")]
    [InlineData("Overflow")]
    [InlineData("MaxConversationCount")]
    [InlineData("MaxConversationLength")]
    public void ILlamaModel_ValueOutOfRange_IsAValidationErrorThatNamesTheProperty(string property) =>
        Resolving(options =>
        {
            options.ModelPath = s_modelPath;
            PropertyInfo target = typeof(LlamaOptions).GetProperty(property)!;
            Type type = Nullable.GetUnderlyingType(target.PropertyType) ?? target.PropertyType;
            target.SetValue(options, type.IsEnum ? Enum.ToObject(type, 99) : type == typeof(string) ? "no such format" : Convert.ChangeType(-1, type));
        })
        .Should().Throw<OptionsValidationException>().WithMessage($"*LlamaOptions.{property}*");

    [Fact]
    public async Task Named_TwoModels_AreServicesOfTheirOwnKeys()
    {
        await using ServiceProvider services = new ServiceCollection()
            .AddLlama("short", options => (options.ModelPath, options.ContextLength) = (s_modelPath, 32)).Services
            .AddLlama("long", s_modelPath).Services
            .BuildServiceProvider();

        services.GetRequiredKeyedService<ILlamaModel>("short").ContextLength.Should().Be(32);
        services.GetRequiredKeyedService<ILlamaModel>("long").ContextLength.Should().BeGreaterThan(32);
        services.GetService<ILlamaModel>().Should().BeNull("no model is the default one");
        services.GetKeyedService<ILlamaModel>("other").Should().BeNull();
    }

    [Fact]
    public async Task Default_Model_IsAlsoTheServiceOfTheEmptyKey()
    {
        await using ServiceProvider services = new ServiceCollection().AddLlama(s_modelPath).Services.BuildServiceProvider();

        services.GetRequiredKeyedService<ILlamaModel>("").Should().BeSameAs(services.GetRequiredService<ILlamaModel>());
    }

    [Fact]
    public void Named_InvalidOptions_AreAValidationErrorThatNamesModelAndProperty()
    {
        using ServiceProvider services = new ServiceCollection().AddLlama("story", _ => { }).Services.BuildServiceProvider();

        services.Invoking(it => it.GetRequiredKeyedService<ILlamaModel>("story"))
            .Should().Throw<OptionsValidationException>().WithMessage("LlamaOptions 'story'.ModelPath is empty*");
    }

    [Fact]
    public void Section_EveryValue_ReachesTheOptions()
    {
        IConfigurationRoot configuration = new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["Story:ModelPath"] = s_modelPath,
            ["Story:ContextLength"] = "48",
            ["Story:ThreadCount"] = "1",
            ["Story:TokenizerPath"] = "tokenizer.model",
            ["Story:UseMemoryMapping"] = "true",
            ["Story:PanelFile"] = "Create",
            ["Story:PanelFolder"] = "cache",
            ["Story:VerifyPanelFile"] = "true",
            ["Story:KeyValueCacheType"] = "BF16",
            ["Story:KeyValueCacheByteSize"] = "2000000",
            ["Story:MaxWaitingCount"] = "7",
            ["Story:PromptFormat"] = "plain",
            ["Story:SpecialTokens"] = "Reject",
            ["Story:Overflow"] = "DropOldestTurns",
            ["Story:DescribeResponseFormat"] = "false",
            ["Story:MaxConversationCount"] = "3",
            ["Story:MaxConversationLength"] = "1000",
        }).Build();
        using ServiceProvider services = new ServiceCollection().AddLlama("story", configuration.GetSection("Story")).Services.BuildServiceProvider();

        services.GetRequiredService<IOptionsMonitor<LlamaOptions>>().Get("story").Should().BeEquivalentTo(new LlamaOptions
        {
            ModelPath = s_modelPath,
            ContextLength = 48,
            ThreadCount = 1,
            TokenizerPath = "tokenizer.model",
            UseMemoryMapping = true,
            PanelFile = PanelFileUse.Create,
            PanelFolder = "cache",
            VerifyPanelFile = true,
            KeyValueCacheType = KeyValueCacheType.BF16,
            KeyValueCacheByteSize = 2_000_000,
            MaxWaitingCount = 7,
            PromptFormat = "plain",
            SpecialTokens = SpecialTokenPolicy.Reject,
            Overflow = ContextOverflow.DropOldestTurns,
            DescribeResponseFormat = false,
            MaxConversationCount = 3,
            MaxConversationLength = 1000,
        });
    }

    [Fact]
    public void LlamaOptions_HaveEveryPropertyOfTheRecordsThatTheyBecome()
    {
        var modelOptions = new LlamaModelOptions { ContextLength = 9, KeyValueCacheByteSize = 2_000_000, MaxWaitingCount = 7, RopeScaling = RopeScaling.Linear(2), PanelFile = PanelFileUse.Read, PanelFolder = "cache", VerifyPanelFile = true };
        var options = new LlamaOptions { ContextLength = 9, KeyValueCacheByteSize = 2_000_000, MaxWaitingCount = 7, RopeScaling = RopeScaling.Linear(2), PanelFile = PanelFileUse.Read, PanelFolder = "cache", VerifyPanelFile = true };

        typeof(LlamaModelOptions).GetProperties().Concat(typeof(LlamaChatClientOptions).GetProperties()).Select(property => property.Name)
            // MaxDraftLength stands for Speculation, and a fault of the draft model is logged.
            .Except([nameof(LlamaChatClientOptions.ModelId), nameof(LlamaModelOptions.Runtime), nameof(LlamaModelOptions.Speculation), nameof(LlamaModelOptions.OnDraftModelFault)])
            .Should().BeSubsetOf(typeof(LlamaOptions).GetProperties().Select(property => property.Name));
        options.ToModelOptions().Should().Be(modelOptions);
        new LlamaOptions().ToModelOptions().Should().Be(new LlamaModelOptions());
        new LlamaOptions { MaxDraftLength = 0, DraftModel = "small" }.ToModelOptions().Should().Be(new LlamaModelOptions { Speculation = SpeculationOptions.Off, DraftModel = "small" });
        new LlamaOptions { MaxDraftLength = 5 }.ToModelOptions().Speculation.Should().Be(new SpeculationOptions { MaxDraftLength = 5 });
        new LlamaOptions().ToChatClientOptions(modelId: null, adapters: null).Should().Be(new LlamaChatClientOptions());
    }

    [Fact]
    public void Load_WithAPanelFile_LogsThatItWasWrittenOrWhyItIsNotUsed()
    {
        string folder = Directory.CreateTempSubdirectory("llama2-").FullName, path = Path.Combine(folder, Path.GetFileName(s_modelPath) + ".panels");
        try
        {
            Messages(PanelFileUse.Create).Should().Contain($"Wrote the panel file '{path}' of model '{s_modelPath}'");
            Messages(PanelFileUse.Read).Should().NotContain(message => message.Contains("panel file", StringComparison.Ordinal));
            File.WriteAllText(path, "damaged");
            Messages(PanelFileUse.Read).Should().Contain($"The weights of model '{s_modelPath}' are not taken from a panel file. The panel file '{path}' is not used: it is not a panel file, or is damaged.");
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }

        IEnumerable<string> Messages(PanelFileUse use)
        {
            using var log = new RecordingLoggerFactory();
            using ServiceProvider services = new ServiceCollection().AddSingleton<ILoggerFactory>(log)
                .AddLlama(options => (options.ModelPath, options.PanelFile, options.PanelFolder) = (s_modelPath, use, folder)).Services.BuildServiceProvider();
            services.GetRequiredService<ILlamaModel>();
            return [.. log.Entries.Select(entry => entry.Message)];
        }
    }

    [Fact]
    public async Task GenerateAsync_DraftModelThatFails_IsLogged()
    {
        string path = Path.GetTempFileName();
        try
        {
            byte[] bytes = File.ReadAllBytes(s_modelPath);
            // The weights of the last norm become the largest floats, so that logits overflow.
            MemoryMarshal.Cast<byte, float>(bytes.AsSpan(^512..)).Fill(float.MaxValue);
            File.WriteAllBytes(path, bytes);
            using var log = new RecordingLoggerFactory();
            using ServiceProvider services = new ServiceCollection().AddSingleton<ILoggerFactory>(log)
                .AddLlama(options => (options.ModelPath, options.DraftModel) = (s_modelPath, path)).Services.BuildServiceProvider();
            ILlamaModel model = services.GetRequiredService<ILlamaModel>();
            var options = new GenerationOptions { Speculation = new SpeculationOptions { Sources = [DraftSource.DraftModel] }, MaxTokens = 30, IgnoreEndOfSequence = true };

            string? fault = (await model.GenerateTextAsync("Once", options)).Usage.DraftModelFault;

            fault.Should().NotBeNull();
            log.Entries.Select(entry => entry.Message).Should().ContainSingle(message => message.StartsWith("The draft model ", StringComparison.Ordinal))
                .Which.Should().Be($"The draft model '{path}' of model '{s_modelPath}' failed, and the generations go on without its guesses; further failures are not logged. {fault}");
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Fact]
    public void Load_OfABrokenFile_LogsTheError()
    {
        using var log = new RecordingLoggerFactory();
        string path = RepositoryFiles.Committed("tests", "data", "spm512.model");
        using ServiceProvider services = new ServiceCollection().AddSingleton<ILoggerFactory>(log).AddLlama(path).Services.BuildServiceProvider();

        services.Invoking(it => it.GetRequiredService<ILlamaModel>()).Should().Throw<ModelFormatException>();

        log.Entries.Select(entry => entry.Message).Should().Contain(message => message.StartsWith($"Model '{path}' could not be loaded: ", StringComparison.Ordinal));
    }

    [Fact]
    public void ValidateOnStart_NoModelPath_FailsBeforeTheModelIsAskedFor()
    {
        using ServiceProvider services = new ServiceCollection().AddLlama(_ => { }).Services.BuildServiceProvider();

        services.GetRequiredService<IStartupValidator>().Invoking(validator => validator.Validate())
            .Should().Throw<OptionsValidationException>().WithMessage("*LlamaOptions.ModelPath*");
    }

    [Theory]
    [InlineData("")]
    [InlineData(" ")]
    [InlineData(null)]
    public void AddLlama_EmptyPath_IsAnArgumentError(string? path) =>
        new ServiceCollection().Invoking(services => services.AddLlama(path!)).Should().Throw<ArgumentException>().WithParameterName("modelPath");

    [Theory]
    [InlineData("")]
    [InlineData(null)]
    public void AddLlama_EmptyName_IsAnArgumentError(string? name) =>
        new ServiceCollection().Invoking(services => services.AddLlama(name!, s_modelPath)).Should().Throw<ArgumentException>().WithParameterName(nameof(name));

    private static Func<ILlamaModel> Resolving(Action<LlamaOptions> configure) => () =>
    {
        using ServiceProvider services = new ServiceCollection().AddLlama(configure).Services.BuildServiceProvider();
        return services.GetRequiredService<ILlamaModel>();
    };
}
