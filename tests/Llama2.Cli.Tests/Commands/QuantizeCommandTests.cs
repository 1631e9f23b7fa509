using Llama2.Tests;

namespace Llama2.Cli.Tests.Commands;

public sealed class QuantizeCommandTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Quantize_DemonstrationModel_IsAModelOfTheAskedFormat()
    {
        string target = _folder.File("small.gguf");

        CommandRun run = await CommandRun.OfAsync("quantize", TestModels.Demonstration, target, "q4_k_m", "--allow-requantize", "--threads", "2");

        run.ShouldSucceed();
        run.ShouldTellOf(target);
        Directory.GetFiles(_folder.Path).Should().Equal(target);
        new FileInfo(target).Length.Should().BeLessThan(new FileInfo(TestModels.Demonstration).Length);
        ModelFileInformation.Read(target).Tensors.Single(tensor => tensor.Name == "blk.0.attn_q.weight").Type.ToString().Should().Be("Q5_0", "rows of 128 weights are not whole blocks of 256");
    }

    [Theory]
    [InlineData("forms", "huggingface")]
    [InlineData("forms", "huggingface-sharded")]
    [InlineData("forms", "gguf-split", "model-00002-of-00003.gguf")]
    [InlineData("meta-checkpoint", "shards-1")]
    [InlineData("meta-checkpoint", "shards-8")]
    public async Task Quantize_OtherForms_GivesWhatTheirConversionGives(params string[] name)
    {
        string source = RepositoryFiles.Committed(["tests", "data", .. name]), direct = _folder.File("direct.gguf"), gguf = _folder.File("model.gguf"), indirect = _folder.File("indirect.gguf");

        (await CommandRun.OfAsync("quantize", source, direct, "Q8_0")).ShouldSucceed();

        (await CommandRun.OfAsync("convert", source, gguf)).ShouldSucceed();
        (await CommandRun.OfAsync("quantize", gguf, indirect, "Q8_0")).ShouldSucceed();
        (await File.ReadAllBytesAsync(direct)).Should().Equal(await File.ReadAllBytesAsync(indirect));
        ModelFileInformation.Read(direct).Tensors.Single(tensor => tensor.Name == "blk.0.attn_q.weight").Type.ToString().Should().Be("Q8_0");
    }

    [Fact]
    public async Task Quantize_WithImatrix_SaysSoInTheMetadata()
    {
        string matrix = await MakeMatrixAsync(), target = _folder.File("small.gguf");

        (await CommandRun.OfAsync("quantize", TestModels.Demonstration, target, "Q4_0", "--allow-requantize", "--imatrix", matrix, "--pure")).ShouldSucceed();

        (await CommandRun.OfAsync("inspect", target)).Output.Should().Contain("quantize.imatrix.dataset");
    }

    [Fact]
    public async Task Quantize_QuantizedModel_SaysHowToAllowIt()
    {
        CommandRun run = await CommandRun.OfAsync("quantize", TestModels.Demonstration, _folder.File("small.gguf"), "Q4_0");

        run.ShouldFailInOneLine(1).Should().Contain("allow requantizing");
        Directory.GetFiles(_folder.Path).Should().BeEmpty();
    }

    [Fact]
    public async Task Quantize_UnknownType_NamesThoseThereAre()
        => (await CommandRun.OfAsync("quantize", TestModels.Demonstration, _folder.File("small.gguf"), "Q4_X")).ShouldFailInOneLine(2).Should().Contain("TYPE: 'Q4_X' is not one of F32, F16,");

    [Theory]
    [InlineData("quantize")]
    [InlineData("quantize", "a.gguf", "b.gguf")]
    public async Task Quantize_MissingArguments_AreWrongUsage(params string[] arguments) => (await CommandRun.OfAsync(arguments)).ShouldFailInOneLine(2);

    [Fact]
    public async Task Quantize_NoSuchFile_FailsInOneLine()
    {
        (await CommandRun.OfAsync("quantize", _folder.File("none.gguf"), _folder.File("small.gguf"), "Q4_0")).ShouldFailInOneLine(1).Should().Contain("There is no file");
        (await CommandRun.OfAsync("quantize", TestModels.Demonstration, _folder.File("small.gguf"), "Q4_0", "--imatrix", _folder.File("none.gguf")))
            .ShouldFailInOneLine(1).Should().Contain("There is no file");
    }

    [Fact]
    public async Task Quantize_Cancelled_LeavesNothing()
    {
        CommandRun run = await CommandRun.OfAsync(
            ["quantize", TestModels.Demonstration, _folder.File("small.gguf"), "Q4_0", "--allow-requantize"], [], cancellationToken: new CancellationToken(canceled: true));

        run.ExitCode.Should().Be(130);
        Directory.GetFiles(_folder.Path).Should().BeEmpty();
    }

    private async Task<string> MakeMatrixAsync()
    {
        string text = _folder.File("text.txt"), matrix = _folder.File("matrix.gguf");
        await File.WriteAllTextAsync(text, string.Join(' ', Enumerable.Repeat("Once upon a time there was a boy.", 20)));
        (await CommandRun.OfAsync("imatrix", TestModels.Demonstration, text, "-o", matrix, "--window", "32", "--limit", "2")).ShouldSucceed();
        return matrix;
    }
}
