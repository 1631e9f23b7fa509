using System.Globalization;

namespace Llama2.Tests.Threading;

public class LlamaRuntimeTests
{
    private static readonly GenerationOptions s_options = new() { Temperature = 1, Seed = 3, MaxTokens = 60, IgnoreEndOfSequence = true };

    [Fact]
    public void Load_WithoutOptions_SharesOneRuntimeOfAllCores()
    {
        using LlamaModel first = LlamaModel.Load(DemonstrationModel.Path), second = LlamaModel.Load(DemonstrationModel.Path);

        first.Runtime.Should().BeSameAs(LlamaRuntime.Shared).And.BeSameAs(second.Runtime);
        LlamaRuntime.Shared.Workers.ThreadCount.Should().Be(LlamaHardware.PhysicalCoreCount);
    }

    [Fact]
    public void Load_RuntimeAndThreadCount_IsRefusedAndNamesBoth()
    {
        using var runtime = new LlamaRuntime();

        FluentActions.Invoking(() => LlamaModel.Load(DemonstrationModel.Path, new LlamaModelOptions { Runtime = runtime, ThreadCount = 2 }))
            .Should().Throw<ArgumentException>().WithMessage("*Runtime*ThreadCount*");
    }

    [Fact]
    public async Task Dispose_OfTheSharedRuntime_LeavesItsModelsUsable()
    {
        using LlamaModel model = LlamaModel.Load(DemonstrationModel.Path);

        LlamaRuntime.Shared.Dispose();

        (await model.GenerateTextAsync("Once", s_options)).Text.Should().NotBeEmpty();
    }

    [Fact]
    public async Task Dispose_BeforeItsModel_FailsWhatTheModelGenerates()
    {
        var runtime = new LlamaRuntime(new LlamaRuntimeOptions { ThreadCount = 2 });
        using LlamaModel model = LlamaModel.Load(DemonstrationModel.Path, new LlamaModelOptions { Runtime = runtime });

        runtime.Dispose();

        await FluentActions.Awaiting(() => model.GenerateTextAsync("Once", s_options)).Should().ThrowAsync<ObjectDisposedException>();
        FluentActions.Invoking(() => runtime.ThreadCount = 1).Should().Throw<ObjectDisposedException>();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Dispose_BeforeThreadsThatWereAskedForAreStarted_FailsWhatTheModelGenerates(bool usesCallingThreads)
    {
        var runtime = new LlamaRuntime(new LlamaRuntimeOptions { ThreadCount = 2, UseCallingThreads = usesCallingThreads });
        using LlamaModel model = LlamaModel.Load(DemonstrationModel.Path, new LlamaModelOptions { Runtime = runtime });
        runtime.ThreadCount = 3;

        runtime.Dispose();

        // A pass that fails is computed again for each of its sequences, so there are several exceptions.
        Task<GenerationResult>[] running = [.. Enumerable.Range(0, 4).Select(i => Task.Run(() => model.GenerateTextAsync($"Once {i}", s_options)))];
        foreach (Task<GenerationResult> result in running)
        {
            await FluentActions.Awaiting(() => result).Should().ThrowAsync<ObjectDisposedException>();
        }

        model.Statistics.RunningCount.Should().Be(0);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1025)]
    public void ThreadCount_OutOfRange_IsRefused(int threadCount)
    {
        using var runtime = new LlamaRuntime(new LlamaRuntimeOptions { ThreadCount = 2 });

        FluentActions.Invoking(() => runtime.ThreadCount = threadCount).Should().Throw<ArgumentOutOfRangeException>();
        FluentActions.Invoking(() => new LlamaRuntimeOptions { ThreadCount = threadCount }).Should().Throw<ArgumentOutOfRangeException>();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task GenerateAsync_ModelsOfOneRuntimeAtOnce_GivesTheTextsOfEachAlone(bool usesCallingThreads)
    {
        string[] prompts = ["Once upon a time", "The cat", "Tom and Anna went"];
        string[] expected = new string[prompts.Length];
        using (LlamaModel alone = LlamaModel.Load(DemonstrationModel.Path, new LlamaModelOptions { ThreadCount = 1 }))
        {
            for (int i = 0; i < prompts.Length; i++)
            {
                expected[i] = (await alone.GenerateTextAsync(prompts[i], s_options)).Text;
            }
        }

        using var runtime = new LlamaRuntime(new LlamaRuntimeOptions { ThreadCount = 2, UseCallingThreads = usesCallingThreads });
        LlamaModel[] models = [.. prompts.Select(_ => LlamaModel.Load(DemonstrationModel.Path, new LlamaModelOptions { Runtime = runtime }))];
        // The number of the runtime's threads changes while all models use the runtime.
        for (int threadCount = 1; threadCount <= 4; threadCount++)
        {
            runtime.ThreadCount = threadCount;
            Task<GenerationResult>[] running = [.. models.SelectMany(model => prompts.Select(prompt => Task.Run(() => model.GenerateTextAsync(prompt, s_options))))];

            GenerationResult[] results = await Task.WhenAll(running);

            results.Select(result => result.Text).Should().Equal([.. expected, .. expected, .. expected]);
            runtime.Workers.ThreadCount.Should().Be(threadCount);
        }

        Array.ForEach(models, model => model.Dispose());
    }

    [Fact]
    public async Task GenerateAsync_WhileAnotherModelIsLoaded_GoesOn()
    {
        using var runtime = new LlamaRuntime(new LlamaRuntimeOptions { ThreadCount = 2 });
        using LlamaModel model = LlamaModel.Load(DemonstrationModel.Path, new LlamaModelOptions { Runtime = runtime });
        string expected = (await model.GenerateTextAsync("Once", s_options)).Text;
        using var stop = new CancellationTokenSource();
        Task loads = Task.Run(() =>
        {
            for (int threadCount = 1; !stop.IsCancellationRequested; threadCount = threadCount % 4 + 1)
            {
                using LlamaModel other = LlamaModel.Load(DemonstrationModel.Path, new LlamaModelOptions { Runtime = runtime });
                runtime.ThreadCount = threadCount;
            }
        });

        for (int i = 0; i < 10; i++)
        {
            (await model.GenerateTextAsync("Once", s_options)).Text.Should().Be(expected);
        }

        await stop.CancelAsync();
        await loads;
    }

    [LinuxFact]
    public async Task UsesCallingThreads_ProcessThatGeneratesChatsAndEmbeds_HasNoThreadOfTheLibrary()
    {
        string[] lines = CallingThreads.Start();

        int[] counts = [.. lines[..3].Select(line => int.Parse(line, CultureInfo.InvariantCulture))];
        counts[1].Should().Be(counts[0], "no thread is started");
        counts[2].Should().Be(0, "none has the library's name");
        using LlamaModel model = LlamaModel.Load(DemonstrationModel.Path);
        lines[3].Should().Be((await model.GenerateTextAsync("Once upon a time", new GenerationOptions { Seed = 7, MaxTokens = 60 })).Text.ReplaceLineEndings(" "));
    }
}
