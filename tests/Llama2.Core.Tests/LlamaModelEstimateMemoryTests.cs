namespace Llama2.Tests;

public sealed class LlamaModelEstimateMemoryTests : IDisposable
{
    private static readonly ModelShape s_shape = new(256, 2, 4, 2, 512, 200);
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(ModelQuantization.F32)]
    [InlineData(ModelQuantization.F16)]
    [InlineData(ModelQuantization.Q4_0)]
    [InlineData(ModelQuantization.Q2_K)]
    [InlineData(ModelQuantization.Q5_K_M)]
    [InlineData(ModelQuantization.Q6_K)]
    [InlineData(ModelQuantization.IQ4_XS)]
    public void EstimateMemory_AnyFormat_WeightsAreThoseOfTheLoadedModel(ModelQuantization quantization)
    {
        string path = Write(quantization);
        TensorInformation embedding = ModelFileInformation.Read(path).Tensors.Single(tensor => tensor.Name == "token_embd.weight");
        var options = new LlamaModelOptions { ThreadCount = 1, KeyValueCacheType = KeyValueCacheType.F16 };

        LlamaMemoryEstimate estimate = LlamaModel.EstimateMemory(path, options);

        using LlamaModel model = LlamaModel.Load(path, options);
        // A pass for one token reads all weights except the rows of the embedding table that belong to other tokens. It also reads the keys and values of 64
        // positions in F16, which have 2 × 64 columns in each of the two layers.
        long weights = model.GetDecodeByteSize(1) - 2L * 2 * 128 * 64 * 2 + embedding.ByteSize - embedding.ByteSize / RandomModel.VocabularySize;
        estimate.WeightByteSize.Should().Be(weights);
    }

    [Theory]
    [InlineData(ModelQuantization.F16, null, KeyValueCacheType.F32, 4)]
    [InlineData(ModelQuantization.Q4_0, null, KeyValueCacheType.F16, 2, KernelTier.Portable)]
    [InlineData(ModelQuantization.Q4_0, KeyValueCacheType.F32, KeyValueCacheType.F32, 4)]
    public void EstimateMemory_Context_IsThatOfItsBlocks(
        ModelQuantization quantization, KeyValueCacheType? chosen, KeyValueCacheType expected, int elementByteSize, KernelTier? tier = null)
    {
        string path = Write(quantization);

        LlamaMemoryEstimate estimate = LlamaModel.EstimateMemory(path, new LlamaModelOptions { ContextLength = 100, KeyValueCacheType = chosen, KernelTier = tier });

        (estimate.ContextLength, estimate.KeyValueCacheType).Should().Be((100, expected));
        // Two blocks of 64 positions.
        estimate.ContextByteSize.Should().Be(2 * 2L * 2 * 128 * 64 * elementByteSize);
        estimate.RequiredByteSize.Should().Be(estimate.WeightByteSize + estimate.ActivationByteSize + estimate.ContextByteSize);
        estimate.KeyValueCacheByteSize.Should().Be(64 * estimate.ContextByteSize);
        estimate.MaxByteSize.Should().Be(estimate.WeightByteSize + estimate.ActivationByteSize + estimate.KeyValueCacheByteSize);
        estimate.Fits.Should().BeTrue();
    }

    [Fact]
    public void EstimateMemory_ActivationsOfThreads_AreCounted()
    {
        string path = Write(ModelQuantization.Q4_0);

        long one = LlamaModel.EstimateMemory(path, new LlamaModelOptions { ThreadCount = 1 }).ActivationByteSize;
        long three = LlamaModel.EstimateMemory(path, new LlamaModelOptions { ThreadCount = 3 }).ActivationByteSize;

        one.Should().BePositive();
        (three - one).Should().BePositive().And.Match(difference => difference % 2 == 0);
    }

    [Fact]
    public void EstimateMemory_ContextThatDoesNotFit_SaysSo()
    {
        string path = _folder.File("deep.gguf");
        // One context takes 512 GiB.
        RandomModel.Write(path, new ModelShape(256, 16, 4, 4, 256, 16_777_216), ModelQuantization.Q4_0);

        LlamaMemoryEstimate estimate = LlamaModel.EstimateMemory(path, new LlamaModelOptions { KeyValueCacheType = KeyValueCacheType.F32 });

        estimate.ContextByteSize.Should().Be(4L * 2 * 16 * 256 * 16_777_216);
        estimate.Fits.Should().Be(estimate.RequiredByteSize <= estimate.AvailableByteSize).And.BeFalse();
    }

    [Fact]
    public void EstimateMemory_ContextBeyondTheModel_IsRefused() =>
        FluentActions.Invoking(() => LlamaModel.EstimateMemory(DemonstrationModel.Path, new LlamaModelOptions { ContextLength = 1025 }))
            .Should().Throw<ArgumentOutOfRangeException>().WithMessage("*1,024*");

    private string Write(ModelQuantization quantization)
    {
        string path = _folder.File("model.gguf");
        RandomModel.Write(path, s_shape, quantization);
        return path;
    }
}
