using Llama2.Store;

namespace Llama2.Tests.Store;

public class ModelSelectionTests
{
    [Fact]
    public void Select_OneGguf_IsIt() => Select(null, "README.md", "a.gguf").Should().Equal("a.gguf");

    [Theory]
    [InlineData("llama.Q4_K_M.gguf", "llama.Q4_K_M.gguf")]
    [InlineData("Q4_K_M", "llama.Q4_K_M.gguf")]
    [InlineData("q4_0", "Q4_0/llama-Q4_0.gguf")]
    [InlineData("tokenizer.model", "tokenizer.model")]
    [InlineData("safetensors", "config.json", "tokenizer.model", "model.safetensors")]
    public void Select_OneOfSeveral_IsByFileQuantizationOrFolder(string file, params string[] expected) =>
        Select(file, "llama.Q4_K_M.gguf", "llama.Q4_K_S.gguf", "Q4_0/llama-Q4_0.gguf", "config.json", "tokenizer.model", "model.safetensors", "consolidated.safetensors")
            .Should().Equal(expected);

    [Theory]
    [InlineData(null)]
    [InlineData("Q8_0")]
    [InlineData("a-Q8_0-00002-of-00003.gguf")]
    public void Select_SplitGguf_IsAllItsPartsInOrder(string? file) =>
        Select(file, "a-Q8_0-00002-of-00003.gguf", "a-Q8_0-00003-of-00003.gguf", "a-Q8_0-00001-of-00003.gguf")
            .Should().Equal("a-Q8_0-00001-of-00003.gguf", "a-Q8_0-00002-of-00003.gguf", "a-Q8_0-00003-of-00003.gguf");

    [Fact]
    public void Select_Folder_IsConfigurationTokenizerAndItsWeights() =>
        Select(null, ".gitattributes", "config.json", "README.md", "model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors",
            "model.safetensors.index.json", "original/model.safetensors", "pytorch_model.bin", "tokenizer.json")
            .Should().BeEquivalentTo(["config.json", "model.safetensors.index.json", "tokenizer.json", "model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors"]);

    // The form in which most fine-tunes of 2023 were published.
    [Theory]
    [InlineData(null)]
    [InlineData("pytorch")]
    public void Select_FolderOfPyTorchsFiles_IsConfigurationTokenizerAndThose(string? file) =>
        Select(file, "config.json", "README.md", "pytorch_model-00001-of-00002.bin", "pytorch_model-00002-of-00002.bin", "pytorch_model.bin.index.json", "training_args.bin", "tokenizer.model")
            .Should().BeEquivalentTo(["config.json", "pytorch_model.bin.index.json", "tokenizer.model", "pytorch_model-00001-of-00002.bin", "pytorch_model-00002-of-00002.bin"]);

    [Theory]
    [InlineData(null, "has 3 models; choose one, such as 'owner/repo:a.Q4_0.gguf'. There are: a.Q4_0.gguf (1.0 MiB), a.Q8_0.gguf (1.0 MiB), safetensors (3.0 MiB, 3 files).")]
    [InlineData("Q5_0", "has no 'Q5_0'. There are: a.Q4_0.gguf (1.0 MiB)")]
    [InlineData("4_0", "has no '4_0'. There are: a.Q4_0.gguf (1.0 MiB)")]
    public void Select_NoneOrSeveral_ListsThem(string? file, string message) =>
        FluentActions.Invoking(() => Select(file, "a.Q4_0.gguf", "a.Q8_0.gguf", "config.json", "model.safetensors", "tokenizer.json"))
            .Should().Throw<ModelStoreException>().WithMessage($"'owner/repo' {message}*");

    [Fact]
    public void Select_QuantizationOfSeveral_ListsThoseOnly() =>
        FluentActions.Invoking(() => Select("Q4_0", "a.Q4_0.gguf", "b.Q4_0.gguf", "c.Q8_0.gguf"))
            .Should().Throw<ModelStoreException>().WithMessage("*2 models that 'Q4_0' matches*a.Q4_0.gguf*b.Q4_0.gguf*").And.Message.Should().NotContain("Q8_0");

    [Theory]
    [InlineData("has no GGUF file, and no config.json", "README.md", "pytorch_model.bin")]
    [InlineData("split into 2 parts", "a-00002-of-00002.gguf")]
    [InlineData("split into 99999 parts", "a-00001-of-99999.gguf")]
    [InlineData("whose path has '.' or '..' for a name", "../a.gguf")]
    [InlineData("whose path is empty, absolute", "/a.gguf")]
    [InlineData("name of a device", "con.gguf")]
    [InlineData("differ only in upper and lower case", "config.json", "model-a.safetensors", "model-A.safetensors")]
    public void Select_WhatCannotBePulled_IsRefused(string message, params string[] paths) =>
        FluentActions.Invoking(() => Select(null, paths)).Should().Throw<ModelStoreException>().WithMessage($"*{message}*");

    private static string[] Select(string? file, params string[] paths) =>
        [.. ModelSelection.Select(StoreFixture.Reference(file), new HubRepository("c", [.. paths.Select(path => new HubFile(path, 1 << 20, null))])).Files.Select(selected => selected.Path)];
}
