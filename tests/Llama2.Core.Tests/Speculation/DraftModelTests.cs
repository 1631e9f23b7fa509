using System.Text;

namespace Llama2.Tests.Speculation;

/// <summary>Guesses of a second, smaller model.</summary>
public sealed class DraftModelTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task GenerateAsync_DraftModel_GuessesMostTokens(bool usesCallingThreads)
    {
        using var runtime = new LlamaRuntime(new LlamaRuntimeOptions { UseCallingThreads = usesCallingThreads });
        using LlamaModel model = LlamaModel.Load(DemonstrationModel.Path, new LlamaModelOptions { Runtime = runtime, DraftModel = SameTextTests.CreateDraftModel(_folder) });
        var speculation = new SpeculationOptions { Sources = [DraftSource.DraftModel], IsAdaptive = false, MaxDraftLength = 4 };
        var options = new GenerationOptions { Temperature = 0, MaxTokens = 120, IgnoreEndOfSequence = true, Speculation = speculation };

        GenerationResult first = await model.GenerateTextAsync("Once upon a time, there was a cat.", options);
        GenerationResult second = await model.GenerateTextAsync("Once upon a time, there was a cat." + first.Text[..60], options);
        GenerationResult plain = await model.GenerateTextAsync("Once upon a time, there was a cat.", options with { Speculation = SpeculationOptions.Off });

        first.Text.Should().Be(plain.Text);
        plain.Usage.DraftTokenCount.Should().Be(0);
        foreach (GenerationUsage usage in (GenerationUsage[])[first.Usage, second.Usage])
        {
            usage.AcceptedDraftTokenCount.Should().BeGreaterThan(40).And.BeLessThan(120);
            usage.DraftTokenCount.Should().BeGreaterThanOrEqualTo(usage.AcceptedDraftTokenCount);
        }
    }

    [Fact]
    public async Task GenerateAsync_TextBeyondTheContextOfTheDraftModel_IsTheSame()
    {
        string tiny = Path.Combine(_folder.Path, "tiny.gguf");
        File.WriteAllBytes(tiny, TinyModel.Build());
        // The draft model has the same small context as the model, and dropping old tokens makes it begin anew.
        using LlamaModel model = LlamaModel.Load(tiny, new LlamaModelOptions { ThreadCount = 1, DraftModel = tiny });
        var options = new GenerationOptions { Temperature = 0.5f, Seed = 3, MaxTokens = 100, AttentionSinkCount = 1, IgnoreEndOfSequence = true };
        var speculation = new SpeculationOptions { Sources = [DraftSource.DraftModel], IsAdaptive = false };

        GenerationResult expected = await model.GenerateTextAsync("ab", options with { Speculation = SpeculationOptions.Off });
        GenerationResult actual = await model.GenerateTextAsync("ab", options with { Speculation = speculation });

        actual.Text.Should().Be(expected.Text);
    }

    [Fact]
    public void Load_DraftModelWithAnotherVocabulary_ThrowsATypedException()
    {
        string tiny = Path.Combine(_folder.Path, "tiny.gguf");
        File.WriteAllBytes(tiny, TinyModel.Build());

        Action load = () => LlamaModel.Load(DemonstrationModel.Path, new LlamaModelOptions { ThreadCount = 1, DraftModel = tiny }).Dispose();

        load.Should().Throw<DraftModelException>().WithMessage("The draft model '*tiny.gguf' has 12 tokens, but the model has *. A draft model must have the same tokens*")
            .Which.Path.Should().Be(tiny);
    }

    [Fact]
    public void Load_DraftModelWithOneOtherToken_NamesTheToken()
    {
        string tiny = Path.Combine(_folder.Path, "tiny.gguf"), other = Path.Combine(_folder.Path, "other.gguf");
        File.WriteAllBytes(tiny, TinyModel.Build());
        byte[] bytes = TinyModel.Build();
        // The last token is "abc" after a space.
        bytes[bytes.AsSpan().LastIndexOf(Encoding.UTF8.GetBytes(TinyModel.Pieces[11])) + 3] = (byte)'x';
        File.WriteAllBytes(other, bytes);

        Action load = () => LlamaModel.Load(tiny, new LlamaModelOptions { ThreadCount = 1, DraftModel = other }).Dispose();

        load.Should().Throw<DraftModelException>().WithMessage("Token 11 of the draft model '*other.gguf' differs from the model's token of this number.*");
    }
}
