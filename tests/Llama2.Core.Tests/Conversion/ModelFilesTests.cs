using Llama2.Conversion;
using Llama2.Formats;
using Llama2.Tokenization;

namespace Llama2.Tests.Conversion;

public class ModelFilesTests
{
    public static TheoryData<string, string> Forms => new()
    {
        { PublishedForms.Gguf, "GGUF v3" },
        { "gguf-split/model-00001-of-00003.gguf", "GGUF v3 in 3 parts" },
        { "gguf-split/model-00003-of-00003.gguf", "GGUF v3 in 3 parts" },
        { "huggingface", "safetensors" },
        { "huggingface/model.safetensors", "safetensors" },
        { "huggingface-sharded", "safetensors in 3 files" },
        { "huggingface-sharded/model-00002-of-00003.safetensors", "safetensors in 3 files" },
        { "llama2c/legacy.bin", "llama2.c" },
        { "llama2c/version1.bin", "llama2.c v1" },
    };

    [Theory]
    [MemberData(nameof(Forms))]
    public void Load_EveryForm_GivesTheLogitsOfExactArithmeticAndThoseOfGguf(string name, string formatName)
    {
        float[] logits = PublishedForms.Compute(PublishedForms.PathOf(name));

        GoldenModel.RelativeError(logits, PublishedForms.Logits()).Should().BeLessThan(1e-6, "the weights are floats");
        logits.Should().Equal(PublishedForms.Compute(PublishedForms.PathOf(PublishedForms.Gguf)), "the same weights in the same order are the same model");
        ModelFileInformation.Read(PublishedForms.PathOf(name)).FormatName.Should().Be(formatName);
    }

    [Theory]
    [MemberData(nameof(Forms))]
    public void Load_EveryForm_IsTheSameModelByItsFingerprint(string name, string formatName)
    {
        using var expected = LlamaModel.Load(PublishedForms.PathOf(PublishedForms.Gguf));
        using var model = LlamaModel.Load(PublishedForms.PathOf(name));

        model.Fingerprint.Should().Be(expected.Fingerprint, formatName);
        (model.Configuration with { Name = "" }).Should().Be(expected.Configuration with { Name = "" });
    }

    [Theory]
    [InlineData("llama2c/version2-group16", 1e-6)]
    // Activations are quantized to 8 bits, as for any Q8_0 file; the weights themselves are compared below.
    [InlineData("llama2c/version2-group32", 2e-2)]
    public void Load_QuantizedCheckpoint_GivesTheLogitsOfItsWeights(string name, double tolerance) =>
        GoldenModel.RelativeError(PublishedForms.Compute(PublishedForms.PathOf(name + ".bin")), PublishedForms.Logits(name + ".logits.f32"))
            .Should().BeLessThan(tolerance);

    [Fact]
    public void Open_MemoryMapped_GivesTheSameLogits() =>
        PublishedForms.Compute(PublishedForms.PathOf("huggingface-sharded"), new LlamaModelOptions { UseMemoryMapping = true })
            .Should().Equal(PublishedForms.Compute(PublishedForms.PathOf(PublishedForms.Gguf)));

    [Theory]
    [MemberData(nameof(Forms))]
    public void Read_PartOfATensor_IsThatPartOfTheWhole(string name, string formatName)
    {
        using IModelFile file = ModelFiles.Open(PublishedForms.PathOf(name));

        foreach (TensorDescription tensor in file.Tensors)
            CheckParts(file, tensor, formatName);
    }

    [Fact]
    public void Read_PartOfAGroupedTensor_IsThatPartOfTheWhole()
    {
        using IModelFile blocks = ModelFiles.Open(PublishedForms.PathOf("llama2c/version2-group32.bin"));
        using IModelFile floats = ModelFiles.Open(PublishedForms.PathOf("llama2c/version2-group16.bin"));

        foreach (IModelFile file in new[] { blocks, floats })
        {
            foreach (TensorDescription tensor in file.Tensors)
                CheckParts(file, tensor, file.FormatName);
        }
    }

    [Fact]
    public void Open_TokenizerPath_ReplacesTheModelsOwn()
    {
        using var folder = new TemporaryFolder();
        string path = folder.File("any name");
        File.Copy(PublishedForms.PathOf("llama2c/legacy.bin"), path);

        FluentActions.Invoking(() => LlamaModel.Load(path)).Should().Throw<ModelFormatException>().Which.Limit.Should().Contain("TokenizerPath");
        PublishedForms.Compute(path, new LlamaModelOptions { TokenizerPath = PublishedForms.PathOf("huggingface/tokenizer.model") })
            .Should().Equal(PublishedForms.Compute(PublishedForms.PathOf(PublishedForms.Gguf)));
        using IModelFile gguf = ModelFiles.Open(PublishedForms.PathOf(PublishedForms.Gguf), tokenizerPath: PublishedForms.PathOf("llama2c/tokenizer.bin"));
        GgufVocabularyReader.Read(gguf).Pieces.ToArray().Should().Equal(TokenizerFile.Read(PublishedForms.PathOf("llama2c/tokenizer.bin")).Pieces.ToArray());
    }

    [Theory]
    [InlineData("gguf/model.gguf")]
    [InlineData("gguf-split/model-00002-of-00003.gguf")]
    [InlineData("huggingface")]
    [InlineData("huggingface/model.safetensors")]
    [InlineData("huggingface/tokenizer.model")]
    [InlineData("huggingface-sharded")]
    [InlineData("huggingface-sharded/tokenizer.json")]
    [InlineData("llama2c/legacy.bin")]
    [InlineData("llama2c/tokenizer.bin")]
    public void Load_TokenizerOfEveryForm_GivesTheSameTokens(string name)
    {
        var expected = ModelTokenizer.Load(PublishedForms.PathOf(PublishedForms.Gguf));
        var tokenizer = ModelTokenizer.Load(PublishedForms.PathOf(name));

        foreach (string text in new[] { "", "the", "then  an ant in the tree", "été 😀er", "<s> the <0x0A>\n", "ttttthethethe" })
            tokenizer.Encode(text, addBeginOfSequence: true, addEndOfSequence: true).Should().Equal(expected.Encode(text, addBeginOfSequence: true, addEndOfSequence: true), text);
    }

    [Fact]
    public void Read_HuggingFaceFolder_HasItsChatTemplate()
    {
        ModelFileInformation.Read(PublishedForms.PathOf("huggingface")).ChatTemplate.Should().StartWith("{% for message in messages %}");
        using var folder = new TemporaryFolder();
        PublishedForms.Copy("huggingface", folder);
        File.WriteAllText(folder.File("chat_template.jinja"), "{{ bos_token }}");
        ModelFileInformation.Read(folder.Path).ChatTemplate.Should().Be("{{ bos_token }}", "the separate file is the newer form");
    }

    [Fact]
    public void Open_FolderOfNoModel_SaysWhatIsRead()
    {
        using var folder = new TemporaryFolder();
        FluentActions.Invoking(() => ModelFiles.Open(folder.Path)).Should().Throw<ModelFormatException>().WithMessage("*config.json*absent*Hugging Face folders*");
    }

    [Fact]
    public void Open_EmptyFile_IsRefused()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllBytes(folder.File("empty"), []);
        FluentActions.Invoking(() => ModelFiles.Open(folder.File("empty"))).Should().Throw<ModelFormatException>();
    }

    private static void CheckParts(IModelFile file, TensorDescription tensor, string because)
    {
        byte[] whole = new byte[tensor.ByteSize];
        file.Read(tensor, 0, whole);
        var random = new Random(1);
        for (int i = 0; i < 20; i++)
        {
            int start = random.Next(whole.Length), length = random.Next(whole.Length - start + 1);
            byte[] part = new byte[length];
            file.Read(tensor, start, part);
            part.AsSpan().SequenceEqual(whole.AsSpan(start, length)).Should().BeTrue($"{tensor} of {because} from byte {start}");
        }
    }
}
