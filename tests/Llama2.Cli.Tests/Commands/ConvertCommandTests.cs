using Llama2.Tests;

namespace Llama2.Cli.Tests.Commands;

public sealed class ConvertCommandTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("forms/gguf/model.gguf")]
    [InlineData("forms/gguf-split/model-00003-of-00003.gguf")]
    [InlineData("forms/huggingface")]
    [InlineData("forms/huggingface/model.safetensors")]
    [InlineData("forms/huggingface-sharded")]
    [InlineData("forms/llama2c/legacy.bin")]
    [InlineData("forms/llama2c/version1.bin")]
    [InlineData("meta-checkpoint/shards-1")]
    [InlineData("meta-checkpoint/shards-2")]
    [InlineData("meta-checkpoint/shards-8")]
    public async Task Convert_EveryFormToGgufAndToAFolder_KeepsTheLogits(string name)
    {
        string source = Data(name), gguf = _folder.File("model.gguf"), folder = _folder.File("model");

        CommandRun run = await CommandRun.OfAsync("convert", source, gguf);
        run.ShouldSucceed();
        run.ShouldTellOf(gguf);
        (await CommandRun.OfAsync("convert", gguf, folder)).ShouldTellOf(folder);

        float[] expected = await LogitsAsync(source);
        (await LogitsAsync(gguf)).Should().Equal(expected);
        (await LogitsAsync(folder)).Should().Equal(expected);
        Directory.GetFileSystemEntries(_folder.Path).Should().BeEquivalentTo([gguf, folder, _folder.File("logits")], "nothing else is left");
    }

    [Theory]
    [InlineData("F32", "F32")]
    [InlineData("bf16", "BF16")]
    public async Task Convert_Type_IsThatOfTheMatrices(string text, string type)
    {
        (await CommandRun.OfAsync("convert", Data("forms/huggingface"), _folder.File("m.gguf"), "--type", text)).ShouldSucceed();

        ModelFileInformation.Read(_folder.File("m.gguf")).Tensors.Where(tensor => tensor.Dimensions.Count == 2).Should().OnlyContain(tensor => tensor.Type.ToString() == type);
    }

    [Fact]
    public async Task Convert_Tokenizer_IsTaken()
    {
        string source = _folder.Write("alone.bin", await File.ReadAllBytesAsync(Data("forms/llama2c/legacy.bin"))), target = _folder.File("m.gguf");

        (await CommandRun.OfAsync("convert", source, target, "--tokenizer", Data("forms/llama2c/tokenizer.bin"))).ShouldSucceed();

        (await CommandRun.OfAsync("tokenize", target, "--text", "the")).ShouldSucceed();
    }

    [Theory]
    [InlineData("convert")]
    [InlineData("convert", "a.gguf")]
    [InlineData("convert", "a.gguf", "b.gguf", "c.gguf")]
    [InlineData("convert", "a.gguf", "b.gguf", "--type", "Q4_0")]
    [InlineData("convert", "a.gguf", "b.gguf", "--type")]
    [InlineData("convert", "a.gguf", "b.gguf", "--quiet")]
    public async Task Convert_ArgumentsNotUnderstood_AreWrongUsage(params string[] arguments) =>
        (await CommandRun.OfAsync(arguments)).ShouldFailInOneLine(2).Should().Contain("llama2 convert --help");

    [Fact]
    public async Task Convert_WhatCannotBe_FailsInOneLineAndLeavesNothing()
    {
        string source = Data("forms/huggingface"), broken = _folder.Write("broken.gguf", [.. "GGUF"u8, 3, 0, 0, 0]);
        await Fail("There is no file", _folder.File("none.gguf"), _folder.File("x.gguf"));
        await Fail("There is no folder", source, Path.Combine(_folder.File("none"), "x.gguf"));
        await Fail("cut short", broken, _folder.File("x.gguf"));
        await Fail("name another target", broken, broken);
        await Fail("exists already", source, _folder.Path);
        await Fail("absent", Directory.CreateDirectory(_folder.File("empty")).FullName, _folder.File("x.gguf"));
        await Fail("none.model", source, _folder.File("x.gguf"), "--tokenizer", _folder.File("none.model"));
        Directory.GetFileSystemEntries(_folder.Path).Should().BeEquivalentTo([broken, _folder.File("empty")]);

        async Task Fail(string message, params string[] arguments) =>
            (await CommandRun.OfAsync(["convert", .. arguments])).ShouldFailInOneLine(1).Should().Contain(message);
    }

    [Theory]
    [InlineData("model.gguf")]
    [InlineData("model")]
    public async Task Convert_Cancelled_LeavesNothing(string target)
    {
        CommandRun run = await CommandRun.OfAsync(["convert", Data("forms/huggingface"), _folder.File(target)], [], cancellationToken: new CancellationToken(canceled: true));

        run.ExitCode.Should().Be(130);
        Directory.GetFileSystemEntries(_folder.Path).Should().BeEmpty();
    }

    private static string Data(string name) => RepositoryFiles.Committed(["tests", "data", .. name.Split('/')]);

    private async Task<float[]> LogitsAsync(string model)
    {
        (await CommandRun.OfAsync("logits", model, "--tokens", "1,5,9,13,3", "--output", _folder.File("logits"), "--threads", "1")).ShouldSucceed();
        return GoldenModel.ReadFloats(_folder.File("logits"));
    }
}
