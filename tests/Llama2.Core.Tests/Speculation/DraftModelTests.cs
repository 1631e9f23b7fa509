using System.Text;
using Llama2.Formats.Gguf;
using Llama2.Kernels;
using Llama2.Model;
using Llama2.Speculation;
using Llama2.Tensors;
using Llama2.Tests.Model;

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

    // If a prompt's pass counted as the time of a guess, a guess would seem too expensive to be tried again.
    [Fact]
    public void SecondsPerGuess_OnlyAPromptHasBeenComputed_IsUnknown()
    {
        using GgufFile file = GgufFile.Open(DemonstrationModel.Path);
        using var runtime = new LlamaRuntime(new LlamaRuntimeOptions { ThreadCount = 1 });
        ModelConfiguration configuration = ConfigurationReader.Read(file);
        LlamaWeights weights = new WeightLoader(file, configuration, runtime, WeightMatrixFactory.BestTier, null, default).Load();
        Attention attention = Attentions.For(configuration, WeightMatrixFactory.BestTier);
        using var model = new DraftModel(
            configuration, 200, weights, attention, runtime, PassCapacity.For(configuration, 200, 1_000_000), 8 * KeyValueCache.ByteSizeFor(configuration, attention, 200));
        using var text = new DraftText(200, PrefixSharing.None);
        int[] tokens = [.. Enumerable.Range(300, 100)];

        Guess(tokens[..90]);
        double afterPrompt = model.SecondsPerGuess(1);
        Guess(tokens[..91]);

        afterPrompt.Should().Be(0);
        model.SecondsPerGuess(1).Should().BePositive();

        void Guess(int[] known)
        {
            model.Follow(text, known);
            model.Guess([(text, 1)], () => false);
        }
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
