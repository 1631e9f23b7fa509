namespace Llama2.Tests.Speculation;

public sealed class SpeculationOptionsTests
{
    [Theory]
    [InlineData(-1)]
    [InlineData(61)]
    public void MaxDraftLength_OutOfRange_IsRefused(int length) =>
        FluentActions.Invoking(() => new SpeculationOptions { MaxDraftLength = length }).Should().Throw<ArgumentOutOfRangeException>().WithParameterName("MaxDraftLength");

    [Fact]
    public async Task MaxDraftLength_Zero_AsksNoSource()
    {
        using LlamaModel model = LlamaModel.Load(DemonstrationModel.Path, new LlamaModelOptions { ThreadCount = 1 });
        int askedCount = 0;
        var speculation = new SpeculationOptions { Sources = [new DraftSource(_ => throw new InvalidOperationException($"asked {++askedCount} times"))] };
        var options = new GenerationOptions { MaxTokens = 5, Speculation = speculation with { MaxDraftLength = 0 } };

        GenerationResult result = await model.GenerateTextAsync("Once upon a time", options);
        Func<Task> guessed = () => model.GenerateTextAsync("Once upon a time", options with { Speculation = speculation });

        result.Usage.GeneratedTokenCount.Should().Be(5);
        await guessed.Should().ThrowAsync<InvalidOperationException>().WithMessage("asked 1 times");
        SpeculationOptions.Off.Should().Be(new SpeculationOptions { MaxDraftLength = 0 });
    }
}
