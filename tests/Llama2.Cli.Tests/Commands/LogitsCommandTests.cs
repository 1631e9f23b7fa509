using Llama2.Tests;

namespace Llama2.Cli.Tests.Commands;

public class LogitsCommandTests
{
    [GoldenTheory]
    [InlineData("stories260k/stories260K-F32.gguf", 1e-6)]
    [InlineData("formats/synthetic-Q4_K.gguf", null)]
    public async Task Logits_GoldenModel_IsWithinItsBar(string name, double? bar)
    {
        using var folder = new TemporaryFolder();
        GoldenModel golden = GoldenModel.Find(name);

        CommandRun run = await CommandRun.OfAsync("logits", golden.Path, "--tokens", string.Join(',', golden.Tokens), "--output", folder.File("logits.f32"));

        run.ShouldSucceed();
        run.Output.Should().BeEmpty();
        // golden/README.md allows an error of 1e-6 for F32, and of 1.05 × llama.cpp's own error for the same file for quantized formats.
        GoldenModel.RelativeError(GoldenModel.ReadFloats(folder.File("logits.f32")), golden.Logits()).Should().BeLessThanOrEqualTo(bar ?? 1.05 * golden.LlamaCppError);
    }

    [Fact]
    public async Task Logits_FileThere_IsReplacedWhole()
    {
        using var folder = new TemporaryFolder();
        string path = folder.Write("logits.f32", new byte[1_000_000]);
        using LlamaModel model = LlamaModel.Load(TestModels.Demonstration);
        float[] expected = await model.ComputeLogitsAsync(new[] { 1, 2, 3 });

        CommandRun run = await CommandRun.OfAsync("logits", TestModels.Demonstration, "--tokens", "1, 2,3", "--output", path, "--threads", "1");

        run.ShouldSucceed();
        run.ShouldTellOf(path);

        GoldenModel.ReadFloats(path).Should().Equal(expected);
        Directory.GetFiles(folder.Path).Should().Equal(path);
    }

    [Theory]
    [InlineData("F16", KeyValueCacheType.F16)]
    [InlineData("q8_0", KeyValueCacheType.Q8_0)]
    public async Task Logits_CacheType_IsTheModels(string text, KeyValueCacheType type)
    {
        using var folder = new TemporaryFolder();
        string path = folder.File("logits.f32");
        int[] tokens = [1, 2, 3, 4];
        using LlamaModel wide = LlamaModel.Load(TestModels.Demonstration, new() { KeyValueCacheType = KeyValueCacheType.F32 });
        using LlamaModel narrow = LlamaModel.Load(TestModels.Demonstration, new() { KeyValueCacheType = type });
        float[] expected = await narrow.ComputeLogitsAsync(tokens);

        (await CommandRun.OfAsync("logits", TestModels.Demonstration, "--tokens", "1,2,3,4", "--output", path, "--cache-type", text)).ShouldSucceed();

        GoldenModel.ReadFloats(path).Should().Equal(expected).And.NotEqual(await wide.ComputeLogitsAsync(tokens));
    }

    [Fact]
    public async Task Logits_IdOutsideTheVocabulary_FailsAndLeavesTheFileAsItWas()
    {
        using var folder = new TemporaryFolder();
        string path = folder.Write("logits.f32", [1, 2, 3]);

        CommandRun run = await CommandRun.OfAsync("logits", TestModels.Demonstration, "--tokens", "1,1024", "--output", path);

        run.ShouldFailInOneLine(1).Should().Contain("1,024").And.NotContain("Parameter");
        Directory.GetFiles(folder.Path).Should().Equal(path);
        (await File.ReadAllBytesAsync(path)).Should().Equal(1, 2, 3);
    }

    [Fact]
    public async Task Logits_OutputInNoFolder_NamesIt()
    {
        using var folder = new TemporaryFolder();
        string path = Path.Combine(folder.Path, "none", "logits.f32");

        (await CommandRun.OfAsync("logits", TestModels.Demonstration, "--tokens", "1", "--output", path)).ShouldFailInOneLine(1).Should().Contain("There is no folder");
        (await CommandRun.OfAsync("logits", TestModels.Demonstration, "--tokens", "1", "--output", folder.Path)).ShouldFailInOneLine(1).Should().Contain("is a folder");
    }

    // If the device were not refused, the output file would be renamed to the device's path and replace it.
    [UnixFact]
    public async Task Logits_OutputThatIsADevice_IsRefused()
    {
        using var folder = new TemporaryFolder();
        string link = folder.File("link");
        File.CreateSymbolicLink(link, "/proc/self/fd/1");

        foreach (string path in new[] { "/dev/llama2-test", "/proc/llama2-test", link })
            (await CommandRun.OfAsync("logits", TestModels.Demonstration, "--tokens", "1", "--output", path)).ShouldFailInOneLine(1).Should().Contain("is a device or a stream");
    }

    [Theory]
    [InlineData("linear:2")]
    [InlineData("ntk:1.5")]
    [InlineData("yarn:4")]
    [InlineData("none")]
    public async Task Logits_RopeScaling_IsThatOfTheLibrary(string text)
    {
        using var folder = new TemporaryFolder();
        RopeScaling scaling = text switch
        {
            "linear:2" => RopeScaling.Linear(2),
            "ntk:1.5" => RopeScaling.NtkAware(1.5f),
            "yarn:4" => RopeScaling.Yarn(4),
            _ => RopeScaling.None,
        };
        using LlamaModel model = LlamaModel.Load(TestModels.Demonstration, new LlamaModelOptions { RopeScaling = scaling });
        float[] expected = await model.ComputeLogitsAsync(new[] { 1, 2, 3 });

        (await CommandRun.OfAsync("logits", TestModels.Demonstration, "--tokens", "1,2,3", "--output", folder.File("l"), "--rope-scaling", text)).ShouldSucceed();

        GoldenModel.ReadFloats(folder.File("l")).Should().Equal(expected);
    }

    [Fact]
    public async Task Logits_MoreTokensThanTrained_AreComputedWithRopeScalingOnly()
    {
        using var folder = new TemporaryFolder();
        string[] arguments = ["logits", TestModels.Demonstration, "--tokens", string.Join(',', Enumerable.Repeat(5, 1100)), "--output", folder.File("l")];

        (await CommandRun.OfAsync(arguments)).ShouldFailInOneLine(1).Should().Contain("1,024");
        (await CommandRun.OfAsync([.. arguments, "--rope-scaling", "ntk:2"])).ShouldSucceed();

        GoldenModel.ReadFloats(folder.File("l")).Should().HaveCount(1100 * 1024).And.OnlyContain(logit => float.IsFinite(logit));
    }
}
