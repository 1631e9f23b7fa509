namespace Llama2.Tests;

public class LlamaModelThreadCountTests
{
    private static readonly int[] s_tokens = [.. Enumerable.Range(0, 300).Select(i => 3 + i * 37 % 1000)];
    private static readonly GenerationOptions s_options = new() { Temperature = 1, Seed = 3, MaxTokens = 60, IgnoreEndOfSequence = true };

    [Fact]
    public void Get_OfAModelJustLoaded_IsTheOptionOrTheNumberOfCores()
    {
        using LlamaModel chosen = Load(3), model = LlamaModel.Load(DemonstrationModel.Path);

        chosen.ThreadCount.Should().Be(3);
        model.ThreadCount.Should().Be(LlamaHardware.PhysicalCoreCount);
    }

    [Fact]
    public async Task Set_BetweenComputations_LeavesTheBitsOfTheLogits()
    {
        using LlamaModel model = Load(1);
        float[] expected = await model.ComputeLogitsAsync(s_tokens);
        foreach (int threadCount in (int[])[4, 2, 7, 1, 3])
        {
            model.ThreadCount = threadCount;

            (await model.ComputeLogitsAsync(s_tokens)).AsSpan().SequenceEqual(expected).Should().BeTrue("{0} threads", threadCount);

            model.ThreadCount.Should().Be(threadCount);
        }
    }

    [Fact]
    public async Task Set_ByManyThreadsDuringGenerations_LeavesLogitsAndTexts()
    {
        using LlamaModel model = Load(1);
        float[] expectedLogits = await model.ComputeLogitsAsync(s_tokens);
        string expectedText = (await model.GenerateTextAsync("Once upon a time", s_options)).Text;
        using var source = new CancellationTokenSource();
        Task[] setters =
        [
            .. Enumerable.Range(0, 2).Select(seed => Task.Run(async () =>
            {
                var random = new Random(seed);
                while (!source.IsCancellationRequested)
                {
                    model.ThreadCount = random.Next(1, 6);
                    await Task.Delay(1);
                }
            })),
        ];
        for (int repeat = 0; repeat < 3; repeat++)
        {
            Task<float[]> logits = model.ComputeLogitsAsync(s_tokens);
            GenerationResult[] results = await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => model.GenerateTextAsync("Once upon a time", s_options)));
            (await logits).AsSpan().SequenceEqual(expectedLogits).Should().BeTrue();
            results.Should().OnlyContain(result => result.Text == expectedText);
        }

        await source.CancelAsync();
        await Task.WhenAll(setters);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(1025)]
    public void Set_OutOfRange_ThrowsAndChangesNothing(int threadCount)
    {
        using LlamaModel model = Load(2);

        FluentActions.Invoking(() => model.ThreadCount = threadCount).Should().Throw<ArgumentOutOfRangeException>();
        model.ThreadCount.Should().Be(2);
    }

    [Fact]
    public async Task Set_AfterDispose_ThrowsObjectDisposedException()
    {
        LlamaModel model = Load(1);
        model.ThreadCount = 3;
        await model.ComputeLogitsAsync(s_tokens.AsMemory(0, 5));
        model.Dispose();

        FluentActions.Invoking(() => model.ThreadCount = 2).Should().Throw<ObjectDisposedException>();
    }

    private static LlamaModel Load(int threadCount) => LlamaModel.Load(DemonstrationModel.Path, new LlamaModelOptions { ThreadCount = threadCount });
}
