namespace Llama2.Cli.Tests.Commands;

public sealed class ImatrixCommandTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Imatrix_Text_IsMeasuredInWindows()
    {
        CommandRun run = await RunAsync("--window", "32", "--limit", "2", "--process-output", "--threads", "1");

        run.ShouldSucceed();
        run.ShouldTellOf(_folder.File("matrix.gguf"));
        ImportanceMatrix matrix = ImportanceMatrix.Load(_folder.File("matrix.gguf"));
        (matrix.WindowCount, matrix.WindowLength).Should().Be((2, 32));
        matrix.Datasets.Should().Equal("text.txt");
    }

    [Fact]
    public async Task Imatrix_ShortText_FailsInOneLineAndLeavesNothing()
    {
        (await RunAsync()).ShouldFailInOneLine(1).Should().Contain("fewer than one window of 512");

        Directory.GetFiles(_folder.Path).Should().Equal(_folder.File("text.txt"));
    }

    [Theory]
    [InlineData("--window", "1")]
    [InlineData("--limit", "0")]
    [InlineData("--threads", "none")]
    public async Task Imatrix_WrongNumbers_AreWrongUsage(string option, string value) => (await RunAsync(option, value)).ShouldFailInOneLine(2).Should().Contain(option);

    [Fact]
    public async Task Imatrix_NoOutput_IsWrongUsage()
        => (await CommandRun.OfAsync("imatrix", TestModels.Demonstration, "text.txt")).ShouldFailInOneLine(2).Should().Contain("--output");

    private async Task<CommandRun> RunAsync(params string[] options)
    {
        string text = _folder.File("text.txt");
        await File.WriteAllTextAsync(text, string.Join(' ', Enumerable.Repeat("Once upon a time there was a boy.", 20)));
        return await CommandRun.OfAsync(["imatrix", TestModels.Demonstration, text, "-o", _folder.File("matrix.gguf"), .. options]);
    }
}
