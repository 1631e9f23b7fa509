namespace Llama2.Tests.Conversion;

public sealed class NumberedFilesTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Load_SingleShardWithoutAnIndex_IsTheModel()
    {
        PublishedForms.Copy("huggingface", _folder);
        File.Move(_folder.File("model.safetensors"), _folder.File("model-00001-of-00001.safetensors"));

        PublishedForms.Compute(_folder.Path).Should().Equal(PublishedForms.Compute(PublishedForms.PathOf("huggingface")));
        PublishedForms.Compute(_folder.File("model-00001-of-00001.safetensors")).Should().Equal(PublishedForms.Compute(PublishedForms.PathOf("huggingface")));
    }

    [Fact]
    public void Load_AllShardsWithoutTheirIndex_AreTheModel()
    {
        PublishedForms.Copy("huggingface-sharded", _folder);
        File.Delete(_folder.File("model.safetensors.index.json"));

        PublishedForms.Compute(_folder.Path).Should().Equal(PublishedForms.Compute(PublishedForms.PathOf("huggingface-sharded")));
        ModelFileInformation.Read(_folder.File("model-00002-of-00003.safetensors")).FormatName.Should().Be("safetensors in 3 files", "a part's name states the number of parts");

        File.Delete(_folder.File("model-00002-of-00003.safetensors"));
        foreach (string path in new[] { _folder.Path, _folder.File("model-00003-of-00003.safetensors") })
            FluentActions.Invoking(() => ModelFileInformation.Read(path)).Should().Throw<ModelFormatException>().WithMessage("*'model-00002-of-00003.safetensors' is absent*one of 3 files*");
    }

    // A symbolic link whose target is missing is found by its name. No index lists these files.
    [UnixFact]
    public void Load_LinkToNothing_IsRefusedForTheReasonThatItIsLookedFor()
    {
        PublishedForms.Copy("huggingface", _folder);
        File.Delete(_folder.File("model.safetensors"));
        File.CreateSymbolicLink(_folder.File("model.safetensors"), "nothing");
        FluentActions.Invoking(() => ModelFileInformation.Read(_folder.Path)).Should().Throw<ModelFormatException>().WithMessage("*model.safetensors*absent*a link to an existing file*").Which.Message.Should().NotContain("index");

        File.Move(_folder.File("model.safetensors"), _folder.File("model-00001-of-00001.safetensors"));
        FluentActions.Invoking(() => ModelFileInformation.Read(_folder.Path)).Should().Throw<ModelFormatException>().WithMessage("*model-00001-of-00001.safetensors*absent*the numbers in the files' names require it*").Which.Message.Should().NotContain("index");
    }

    [Theory]
    [InlineData("model-00001-of-00000.safetensors")]
    [InlineData("model-00002-of-00001.safetensors")]
    [InlineData("model-00000-of-00002.safetensors")]
    [InlineData("model-00001-of-99999.safetensors")]
    [InlineData("model-0000x-of-00001.safetensors")]
    [InlineData("-00001-of-00001.safetensors")]
    public void Load_NameThatSaysNothing_IsAFileOfItsOwn(string name)
    {
        PublishedForms.Copy("huggingface", _folder);
        File.Move(_folder.File("model.safetensors"), _folder.File(name));

        ModelFileInformation.Read(_folder.File(name)).FormatName.Should().Be("safetensors");
        FluentActions.Invoking(() => ModelFileInformation.Read(_folder.Path)).Should().Throw<ModelFormatException>().WithMessage("*model.safetensors is absent*");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Load_FolderThatHasGgufFilesOnly_NamesThem(bool hasConfiguration)
    {
        if (hasConfiguration)
            File.Copy(PublishedForms.PathOf("huggingface/config.json"), _folder.File("config.json"));
        File.WriteAllText(_folder.File("b.Q4_K_M.gguf"), "");
        FluentActions.Invoking(() => LlamaModel.Load(_folder.Path)).Should().Throw<ModelFormatException>().WithMessage("*the folder has 'b.Q4_K_M.gguf', which is a model in one file: name that file.");
        foreach (string name in new[] { "a.gguf", "c.gguf", "d.gguf" })
            File.WriteAllText(_folder.File(name), "");
        FluentActions.Invoking(() => LlamaModel.Load(_folder.Path)).Should().Throw<ModelFormatException>().WithMessage("*the folder has 'a.gguf', 'b.Q4_K_M.gguf', 'c.gguf' and more*");
    }

    [Fact]
    public void Load_FolderOfAnAdapter_IsCalledWhatItIs() =>
        FluentActions.Invoking(() => LlamaModel.Load(Path.Combine(RepositoryFiles.Committed("tests", "data", "adapters"), "plain"))).Should().Throw<ModelFormatException>().WithMessage("*config.json is absent*LoRA adapter of PEFT*--adapter*");
}
