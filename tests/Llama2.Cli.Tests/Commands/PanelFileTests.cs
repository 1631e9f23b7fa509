namespace Llama2.Cli.Tests.Commands;

/// <summary>The options for panel files, in the commands that load a model.</summary>
public sealed class PanelFileTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly string _model;

    public PanelFileTests() => File.Copy(TestModels.Demonstration, _model = _folder.File("model.gguf"));

    public void Dispose() => _folder.Dispose();

    private string PanelPath => _model + ".panels";

    [Fact]
    public async Task Generate_WithPanels_WritesTheFileOnceAndTheSameText()
    {
        string expected = (await GenerateAsync()).Output;
        Directory.GetFiles(_folder.Path).Should().Equal(_model);

        CommandRun created = await GenerateAsync("--panels", "create");
        DateTime time = File.GetLastWriteTimeUtc(PanelPath);
        CommandRun mapped = await GenerateAsync("--panels", "create"), read = await GenerateAsync("--panels", "read", "--verify-panels");

        new[] { created.Output, mapped.Output, read.Output }.Should().AllBe(expected);
        (created.Error + mapped.Error + read.Error).Should().NotContain("warning");
        File.GetLastWriteTimeUtc(PanelPath).Should().Be(time);
    }

    [Fact]
    public async Task Generate_DamagedPanels_WarnsAndWritesTheSameText()
    {
        string expected = (await GenerateAsync()).Output;
        await File.WriteAllTextAsync(PanelPath, "panels");

        CommandRun run = await GenerateAsync("--panels", "read"), quiet = await GenerateAsync("--panels", "read", "--quiet");

        run.Output.Should().Be(expected);
        run.Error.Should().Contain($"llama2: warning: The panel file '{PanelPath}' is not used: it is not a panel file, or is damaged.");
        quiet.Output.Should().Be(expected);
        quiet.Error.Should().BeEmpty();
    }

    [Fact]
    public async Task Generate_PanelFolder_ImpliesThatTheFileIsWritten()
    {
        string folder = Directory.CreateDirectory(_folder.File("cache")).FullName;

        (await GenerateAsync("--panel-folder", folder)).ShouldSucceed();

        Directory.GetFiles(folder).Should().Equal(Path.Combine(folder, "model.gguf.panels"));
        File.Exists(PanelPath).Should().BeFalse();
    }

    [Fact]
    public async Task Bench_WithPanels_TellsHowMuchIsMapped()
    {
        string[] arguments = ["bench", _model, "--prompt", "4", "--generate", "2", "--repeat", "1", "--threads", "1", "--json"];

        CommandRun loaded = await CommandRun.OfAsync(arguments), mapped = await CommandRun.OfAsync([.. arguments, "--panels", "create"]);

        loaded.Output.Should().Contain("\"mapped_weight_bytes\": 0,");
        mapped.Output.Should().Contain("\"mapped_weight_bytes\": ").And.NotContain("\"mapped_weight_bytes\": 0,");
    }

    [Theory]
    [InlineData("--panels", "always")]
    [InlineData("--panels", "1")]
    public async Task Generate_UnknownUse_IsRefused(string option, string value)
        => (await GenerateAsync(option, value)).ExitCode.Should().NotBe(0);

    [Fact]
    public async Task Fits_HasNoPanels()
        => (await CommandRun.OfAsync("fits", _model, "--panels", "read")).ExitCode.Should().NotBe(0);

    private Task<CommandRun> GenerateAsync(params string[] options)
        => CommandRun.OfAsync(["generate", _model, "--prompt", "Once upon a time", "--max-tokens", "12", "--seed", "1", "--threads", "1", .. options]);
}
