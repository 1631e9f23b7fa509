using System.Text.Json;
using Deque.AxeCore.Commons;
using Deque.AxeCore.Playwright;
using Llama2.Evaluation;
using Llama2.Evaluation.Tests.Reports;
using Llama2.Server.Browser.Tests.Browsing;
using Llama2.Server.Browser.Tests.Models;
using Llama2.Tests;
using Microsoft.Playwright;

namespace Llama2.Server.Browser.Tests;

/// <summary>The pages that <see cref="HtmlReport"/> writes, in a browser.</summary>
[Collection(BrowserGroup.Name)]
public sealed class ReportPageTests(BrowserProcess browser) : IDisposable
{
    private const int MaxPictureByteSize = 150_000;
    private const string Hostile = "</title></style></div><script>alert(1)</script><img src='https://example.org/x.png' onerror=alert(2)>\u202Eoverride\u0000\u2066\uD800\"'&amp;";
    private readonly TemporaryFolder _folder = new();

    /// <summary>Both colours, at the width of a desk and of a phone.</summary>
    public static TheoryData<bool, int> Looks => new() { { false, 1280 }, { true, 1280 }, { false, 390 }, { true, 390 } };

    public void Dispose() => _folder.Dispose();

    [BrowserTheory]
    [MemberData(nameof(Looks))]
    public async Task Report_FoldedAndUnfolded_HasNoFindingOfAxe(bool isDark, int width)
    {
        string path = Write(stream => HtmlReport.Write(SampleReport("model", 0), stream));

        await CheckAsync(path, new PageLook(width, 844, isDark));
    }

    [BrowserTheory]
    [MemberData(nameof(Looks))]
    public async Task Comparison_FoldedAndUnfolded_HasNoFindingOfAxe(bool isDark, int width)
    {
        string path = Write(stream => HtmlReport.Write(EvaluationComparison.Compare(SampleReport("first model", 0), SampleReport("second model", 1)), stream));

        await CheckAsync(path, new PageLook(width, 844, isDark));
    }

    [BrowserFact]
    public async Task HostileTexts_AreShownAsData()
    {
        EvaluationReport report = HostileReport(withEmptyTask: true);
        string path = Write(stream => HtmlReport.Write(report, stream));

        await using OpenFile page = await browser.OpenAsync(path, new PageLook());
        await page.UnfoldAsync();

        (await page.Page.Locator("script, img, main style, iframe").CountAsync()).Should().Be(0);
        string text = await page.Page.Locator("h1").InnerTextAsync();
        text.Should().Be(Hostile.Replace("\u202E", "[U+202E]", StringComparison.Ordinal).Replace("\u0000", "[U+0000]", StringComparison.Ordinal).Replace("\u2066", "[U+2066]", StringComparison.Ordinal).Replace('\uD800', '\uFFFD'));
        (await page.Page.Locator("body").InnerTextAsync()).Should().Contain("not defined").And.Contain("9,998,000 of 10,000,000 characters are left out").And.NotContain("\u202E");
        page.Faults.Should().BeEmpty();
        (await page.OverflowAsync()).Should().Be(0);
        await CheckAsync(path, new PageLook(390, 844));
    }

    [BrowserFact]
    public async Task HostileComparison_IsShownAsData()
    {
        string path = Write(stream => HtmlReport.Write(EvaluationComparison.Compare(HostileReport(withEmptyTask: false), HostileReport(withEmptyTask: false)), stream));

        await CheckAsync(path, new PageLook(390, 844));
    }

    [Fact]
    public void Page_OfManyTasksWithLongTexts_HasABoundedSize()
    {
        var example = new ExampleResult(
            new EvaluationExample(0, JsonElement.Parse("{}"), [new GenerationRequest(new string('a', 100_000))], new string('b', 100_000)),
            [new EvaluationResponse { Text = new string('<', 100_000) }],
            new EvaluationScore(new Dictionary<string, MetricSample> { ["exact_match,none"] = new(1) }) { Answer = new string('&', 100_000), IsCorrect = true });
        var metric = new MetricResult(new TaskMetric("exact_match"), 1, 0.1, 100);
        TaskReport[] tasks = [.. Enumerable.Range(0, 400).Select(i => new TaskReport(new EvaluationTaskInfo($"task{i}"), [metric], [.. Enumerable.Repeat(example, 100)], 100))];

        string path = Write(stream => HtmlReport.Write(ReportSamples.Report("model", tasks), stream));

        new FileInfo(path).Length.Should().BeLessThan(8_000_000);
    }

    /// <summary>The page of the run that the documentation describes. Its picture is written as <see cref="PictureTests"/> write theirs.</summary>
    [BrowserFact]
    public async Task Picture_OfTheDemonstrationModel()
    {
        string folder = RepositoryFiles.Committed("samples", "Evaluate");
        using LlamaModel model = LlamaModel.Load(Scripts.StorytellerPath);
        HarnessTasks tasks = HarnessTasks.Load(Path.Combine(folder, "stories.yaml"), DataFolder.Open(folder));
        EvaluationReport report = await EvaluationRunner.RunAsync(
            new ModelBackend(model, new ModelBackendOptions { Name = "storyteller-1m-Q8_0" }), tasks.Tasks, new EvaluationRunOptions { TimeProvider = new StoppedClock() });
        double accuracy = report.Tasks[0].Metrics[0].Value;
        accuracy.Should().BeInRange(0.6, 0.95, "the documentation states 80 %, and choosing at random gives 25 %");
        string path = Write(stream => HtmlReport.Write(report, stream));

        await using OpenFile page = await browser.OpenAsync(path, new PageLook(1080, 1190));

        await TakeAsync(page);
        page.Faults.Should().BeEmpty();
    }

    private static async Task TakeAsync(OpenFile page)
    {
        byte[] picture = await page.Page.ScreenshotAsync(new() { Animations = ScreenshotAnimations.Disabled });
        picture.Length.Should().BeLessThan(MaxPictureByteSize);
        if (Environment.GetEnvironmentVariable("LLAMA2_WRITE_PICTURES") == "1")
            await File.WriteAllBytesAsync(RepositoryFiles.Committed("docs", "images", "report.png"), picture);
    }

    private async Task CheckAsync(string path, PageLook look)
    {
        await using OpenFile page = await browser.OpenAsync(path, look);
        await CheckAsync(page, "folded");
        await page.UnfoldAsync();
        await CheckAsync(page, "unfolded");
        (await page.OverflowAsync()).Should().Be(0);
        page.Faults.Should().BeEmpty();
    }

    private static async Task CheckAsync(OpenFile page, string state)
    {
        AxeResult result = await page.Page.RunAxe(new AxeRunOptions { RunOnly = RunOnlyOptions.Tags("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice") });
        result.Violations.SelectMany(finding => finding.Nodes, (finding, node) => $"{state}: {finding.Impact} {finding.Id}: {node.Html}").Should().BeEmpty();
    }

    private string Write(Action<Stream> write)
    {
        string path = _folder.File("report.html");
        using FileStream file = File.Create(path);
        write(file);
        return path;
    }

    // Choices, generated answers with truncated prompts, and texts; the second model differs in some answers.
    private static EvaluationReport SampleReport(string name, int shift)
    {
        TaskReport first = ReportSamples.Choices("colours", [.. Enumerable.Range(0, 40).Select(i => (i + shift) % 3 != 0)]);
        TaskReport second = ReportSamples.Choices("animals", [.. Enumerable.Range(0, 30).Select(i => i % (4 + shift) != 0)]);
        return ReportSamples.Report(
            name, first, second,
            ReportSamples.Answers("sums", ("one", 1, 1), ("two ", shift, 1), ("It is 3.\nOr 4?", 0, 0)),
            ReportSamples.Perplexity("pages", (-12.5 + shift, 4), (-3.25, 2)))
            with
        { Groups = [ReportSamples.Group("all", isWeighted: true, first, second)], MaxExampleCount = 40 };
    }

    private static EvaluationReport HostileReport(bool withEmptyTask)
    {
        TaskReport empty = ReportSamples.Choices("empty", true) with { Examples = [], Metrics = [new MetricResult(new TaskMetric(Hostile, Hostile), double.NaN, double.NaN, 0)] };
        var example = new ExampleResult(
            new EvaluationExample(0, JsonElement.Parse("{}"), [new GenerationRequest(new EvaluationPrompt([new LlamaMessage(LlamaRole.User, Hostile)], Hostile))], Hostile),
            [new EvaluationResponse { Text = new string('x', 10_000_000), TokenCount = 1 }],
            new EvaluationScore(new Dictionary<string, MetricSample> { ["exact_match,none"] = new(0) }) { Answer = Hostile, IsCorrect = false });
        var likely = new ExampleResult(
            new EvaluationExample(1, JsonElement.Parse("[]"), [.. new[] { Hostile, "b" }.Select(choice => new LogLikelihoodRequest(Hostile, choice))], "b"),
            [new EvaluationResponse { LogLikelihood = double.NaN }, new EvaluationResponse { LogLikelihood = double.NegativeInfinity }],
            new EvaluationScore(new Dictionary<string, MetricSample> { ["exact_match,none"] = new(double.NaN) }) { IsCorrect = true });
        var task = new TaskReport(
            new EvaluationTaskInfo(Hostile) { Description = Hostile, Version = Hostile }, [new MetricResult(new TaskMetric("exact_match"), double.NaN, double.PositiveInfinity, 2)], [example, likely], 2);
        return ReportSamples.Report(Hostile, [.. withEmptyTask ? [task, empty] : (TaskReport[])[task]]) with { Fingerprint = Hostile, Processor = Hostile };
    }

    private sealed class StoppedClock : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => new(2026, 11, 30, 12, 0, 0, TimeSpan.Zero);

        public override long GetTimestamp() => 0;
    }
}
