namespace Llama2.Tests;

public sealed class LlamaModelDecodeByteSizeTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(ModelQuantization.F16, 4)]
    [InlineData(ModelQuantization.Q4_0, 2)]
    [InlineData(ModelQuantization.Q2_K, 2)]
    [InlineData(ModelQuantization.Q4_K_M, 2)]
    public void GetDecodeByteSize_AnyFormat_IsThePackedWeightsAnEmbeddingAndTheCache(ModelQuantization quantization, int cacheElementByteSize)
    {
        string path = _folder.File("model.gguf");
        RandomModel.Write(path, new ModelShape(256, 2, 4, 2, 512, 200), quantization);
        using LlamaModel model = LlamaModel.Load(path, new LlamaModelOptions { ThreadCount = 1, KernelTier = KernelTier.Portable });
        TensorInformation[] tensors = [.. ModelFileInformation.Read(path).Tensors];
        TensorInformation embedding = tensors.Single(tensor => tensor.Name == "token_embd.weight");

        long weights = tensors.Except([embedding]).Sum(PackedByteSize) + embedding.ByteSize / RandomModel.VocabularySize;

        // Keys and values of two layers with 2 × 64 columns, in blocks of 64 positions. With quantized weights their type is F16 on this tier.
        long block = 2L * 2 * 128 * 64 * cacheElementByteSize;
        model.GetDecodeByteSize(1).Should().Be(weights + block);
        model.GetDecodeByteSize(64).Should().Be(weights + block);
        model.GetDecodeByteSize(65).Should().Be(weights + 2 * block);
        model.GetDecodeByteSize(200).Should().Be(weights + 4 * block);
    }

    [Fact]
    public void GetDecodeByteSize_EmbeddingsThatAreTheOutputToo_CountsTheOutput()
    {
        using LlamaModel model = LlamaModel.Load(DemonstrationModel.Path, new LlamaModelOptions { KernelTier = KernelTier.Portable });
        TensorInformation[] tensors = [.. ModelFileInformation.Read(DemonstrationModel.Path).Tensors];
        TensorInformation embedding = tensors.Single(tensor => tensor.Name == "token_embd.weight");
        tensors.Should().NotContain(tensor => tensor.Name == "output.weight");

        long cache = 2L * 2 * 64 * model.Configuration.KeyValueLength * model.Configuration.LayerCount;
        model.GetDecodeByteSize(64).Should().Be(tensors.Sum(PackedByteSize) + embedding.ByteSize / model.Configuration.VocabularySize + cache);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1025)]
    public void GetDecodeByteSize_ContextOutOfRange_IsRefused(int contextTokenCount)
    {
        using LlamaModel model = LlamaModel.Load(DemonstrationModel.Path);

        FluentActions.Invoking(() => model.GetDecodeByteSize(contextTokenCount)).Should().Throw<ArgumentOutOfRangeException>();
    }

    // A block of 256 weights has 16 groups in Q2_K and Q3_K, and 8 in Q4_K and Q5_K. Every scale of a group takes a byte in memory, and so does every
    // offset; in the file they take 4 or 6 bits.
    private static long PackedByteSize(TensorInformation tensor) => tensor.ByteSize + (tensor.ElementCount / 256) * (tensor.Type switch
    {
        GgmlType.Q2_K => 2 * 16 - 16,
        GgmlType.Q3_K => 16 - 12,
        GgmlType.Q4_K or GgmlType.Q5_K => 2 * 8 - 12,
        _ => 0,
    });
}
