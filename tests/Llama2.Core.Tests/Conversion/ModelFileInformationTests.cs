using Llama2.Tests.Formats.Gguf;

namespace Llama2.Tests.Conversion;

public class ModelFileInformationTests
{
    private static readonly string s_demonstration = RepositoryFiles.Committed("samples", "models", "storyteller-1m-Q8_0.gguf");

    [Fact]
    public void Read_DemonstrationModel_TellsItsShape()
    {
        var file = ModelFileInformation.Read(s_demonstration);

        file.Path.Should().Be(s_demonstration);
        file.FormatName.Should().Be("GGUF v3");
        file.ByteSize.Should().Be(new FileInfo(s_demonstration).Length);
        file.ParameterCount.Should().Be(869_504);
        file.Metadata["general.name"].Should().Be("Storyteller 1M");
        file.Metadata["tokenizer.ggml.tokens"].Should().BeOfType<string[]>().Which.Should().HaveCount(1024);
        file.Metadata.Keys.First().Should().Be("general.architecture");
        file.ConfigurationFault.Should().BeNull();
        file.Configuration!.ContextLength.Should().Be(1024);
        file.Tensors.Should().HaveCount(38).And.OnlyContain(tensor => tensor.IsSupported);
        TensorInformation key = file.Tensors.Single(tensor => tensor.Name == "blk.0.attn_k.weight");
        key.Should().BeEquivalentTo(new { Type = GgmlType.Q8_0, Dimensions = new[] { 128L, 64L }, ElementCount = 8_192L, ByteSize = 8_704L });
    }

    [Fact]
    public void Read_ModelThatIsLoaded_TellsWhatTheModelTells()
    {
        using LlamaModel model = LlamaModel.Load(s_demonstration);

        ModelFileInformation.Read(s_demonstration).Configuration.Should().Be(model.Configuration);
    }

    [Fact]
    public void Read_TensorOfATypeNotComputedWith_ListsIt()
    {
        byte[] file = new GgufBuilder().Add("general.architecture", "llama").AddTensor("a", GgmlType.IQ2_XXS, [256, 2], new byte[132]).Build();

        TensorInformation tensor = Read(file).Tensors.Should().ContainSingle().Subject;

        tensor.Should().BeEquivalentTo(new { Name = "a", Type = GgmlType.IQ2_XXS, ByteSize = 132L, ElementCount = 512L, IsSupported = false });
    }

    [Theory]
    [InlineData("mamba")]
    [InlineData("gpt2")]
    public void Read_OtherArchitecture_HasAFaultInsteadOfAConfiguration(string architecture)
    {
        ModelFileInformation file = Read(new GgufBuilder().Add("general.architecture", architecture).Build());

        file.Configuration.Should().BeNull();
        file.ConfigurationFault.Should().Contain(architecture).And.Contain("only 'llama' is supported");
    }

    [Fact]
    public void Read_NothingInTheFile_HasNoParameters()
    {
        ModelFileInformation file = Read(new GgufBuilder().Build());

        file.ParameterCount.Should().Be(0);
        file.Tensors.Should().BeEmpty();
        file.Metadata.Should().BeEmpty();
        file.ConfigurationFault.Should().Contain("general.architecture is missing");
    }

    [GoldenFact]
    public void Read_VocabularyOnly_SaysSo()
    {
        var file = ModelFileInformation.Read(RepositoryFiles.Golden("tokenizer", "ggml-vocab-llama-spm.gguf"));

        file.Tensors.Should().BeEmpty();
        file.ConfigurationFault.Should().Contain("vocabulary-only");
        file.Metadata["tokenizer.ggml.tokens"].Should().BeOfType<string[]>().Which.Should().HaveCount(32_000);
    }

    [Fact]
    public void Read_NoGguf_Throws() => new Action(() => Read([1, 2, 3, 4, 5])).Should().Throw<ModelFormatException>();

    [Fact]
    public void Read_NoFile_Throws() => new Action(() => ModelFileInformation.Read("no-such-file.gguf")).Should().Throw<FileNotFoundException>();

    [Fact]
    public void Metadata_CastToAWritableDictionary_CannotBeChanged()
    {
        var metadata = (IDictionary<string, object>)ModelFileInformation.Read(s_demonstration).Metadata;

        new Action(() => metadata["general.name"] = "another").Should().Throw<NotSupportedException>();
    }

    [Fact]
    public void DecodeByteSize_ModelWithAnOutputMatrix_CountsOneEmbedding()
    {
        using var folder = new TemporaryFolder();
        RandomModel.Write(folder.File("random.gguf"), new ModelShape(64, 1, 2, 2, 96, 32), ModelQuantization.F16);

        // Embedding, output and layer matrices have 2 bytes a weight; the three norms have 4.
        ModelFileInformation.Read(folder.File("random.gguf")).DecodeByteSize
            .Should().Be(2 * (64 + 64 * 32_000 + 4 * 64 * 64 + 3 * 64 * 96) + 3 * 64 * 4);
    }

    // On Windows, deleting the file fails if the reader has not closed it.
    private static ModelFileInformation Read(byte[] content)
    {
        string path = Path.GetTempFileName();
        try
        {
            File.WriteAllBytes(path, content);
            return ModelFileInformation.Read(path);
        }
        finally
        {
            File.Delete(path);
        }
    }
}
