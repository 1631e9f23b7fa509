using System.Text.Json;
using Llama2.Evaluation;
using Llama2.Evaluation.Tests.Reports;

namespace Llama2.Cli.Tests.Commands;

public sealed class CompareCommandTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Compare_TwoFolders_WritesATable()
    {
        CommandRun run = await CommandRun.OfAsync("compare", Write("a", ReportSamples.Choices("t", true, false, false, false)), Write("b", ReportSamples.Choices("t", true, true, true, true)));

        run.ShouldSucceed();
        run.Output.Should().StartWith("A: model a\nB: model b\n").And.MatchRegex(@"t +acc ↑ +0\.2500 +1\.0000 +\+0\.7500 +±0\.7956 +0\.2500 +- +4 +0 +3");
        run.Error.Should().BeEmpty();
    }

    [Fact]
    public async Task Compare_JsonOfFiles_HasTheTest()
    {
        string first = Path.Combine(Write("a", ReportSamples.Choices("t", [.. Enumerable.Repeat(false, 9), true])), "results.json");
        string second = Path.Combine(Write("b", ReportSamples.Choices("t", [.. Enumerable.Repeat(true, 10)])), "results.json");

        CommandRun run = await CommandRun.OfAsync("compare", first, second, "--json");

        run.ShouldSucceed();
        JsonElement metric = JsonElement.Parse(run.Output).GetProperty("tasks").GetProperty("t").GetProperty("acc,none");
        metric.GetProperty("p").GetDouble().Should().BeApproximately(2 / 512.0, 1e-12);
        metric.GetProperty("test").GetString().Should().Be("mcnemar");
        metric.GetProperty("better").GetString().Should().Be("second");
        metric.GetProperty("difference").GetDouble().Should().BeApproximately(0.9, 1e-12);
    }

    [Fact]
    public async Task Compare_HtmlAndMarkdown_WritesThePageAndTheTable()
    {
        string page = _folder.File("page.html");

        CommandRun run = await CommandRun.OfAsync("compare", Write("a", ReportSamples.Choices("t", true, false)), Write("b", ReportSamples.Choices("t", true, true)), "--html", page, "--markdown");

        run.ShouldSucceed();
        run.Output.Should().Contain("|Tasks|");
        run.Error.Should().Contain("page.html");
        (await File.ReadAllTextAsync(page)).Should().StartWith("<!DOCTYPE html>").And.Contain("only B right");
    }

    [Fact]
    public async Task Compare_DifferentTasks_FailsWithTheReason()
    {
        CommandRun run = await CommandRun.OfAsync("compare", Write("a", ReportSamples.Choices("t", true)), Write("b", ReportSamples.Choices("u", true)));

        run.ExitCode.Should().Be(1);
        run.Output.Should().BeEmpty();
        run.Error.Should().Contain("only the first has 't', only the second has 'u'");
    }

    [Theory]
    [InlineData(1, "no-such-file", "no-such-file")]
    [InlineData(2, "a")]
    [InlineData(2, "a", "b", "--json", "--markdown")]
    public async Task Compare_WrongArguments_AreReported(int exitCode, params string[] arguments)
    {
        CommandRun run = await CommandRun.OfAsync(["compare", .. arguments]);

        run.ExitCode.Should().Be(exitCode);
        run.Error.Should().StartWith("llama2: error:");
    }

    private string Write(string name, TaskReport task)
    {
        string folder = _folder.File(name);
        Directory.CreateDirectory(folder);
        using (FileStream file = File.Create(Path.Combine(folder, "results.json")))
            HarnessResults.Write(ReportSamples.Report($"model {name}", task), file);
        using (FileStream file = File.Create(Path.Combine(folder, HarnessResults.SamplesFileName(task.Info.Name))))
            HarnessResults.WriteSamples(task, file);
        return folder;
    }
}
