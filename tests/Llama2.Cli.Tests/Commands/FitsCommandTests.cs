using System.Text.Json;

namespace Llama2.Cli.Tests.Commands;

public class FitsCommandTests
{
    [Fact]
    public async Task Fits_DemonstrationModel_SaysWhatItTakes()
    {
        LlamaMemoryEstimate expected = LlamaModel.EstimateMemory(TestModels.Demonstration, new LlamaModelOptions { ContextLength = 512 });

        CommandRun shown = await CommandRun.OfAsync("fits", TestModels.Demonstration, "--context", "512");
        CommandRun run = await CommandRun.OfAsync("fits", TestModels.Demonstration, "--context", "512", "--json");

        shown.ShouldSucceed();
        shown.Output.Should().MatchRegex(@"Weights +[\d,.]+ (MiB|bytes)\n").And.Contain($"512 tokens of keys and values in {expected.KeyValueCacheType}").And.MatchRegex(@"Available +[\d,.]+ MiB\n");
        JsonElement json = JsonElement.Parse(run.Output);
        json.GetProperty("weightByteSize").GetInt64().Should().Be(expected.WeightByteSize);
        json.GetProperty("contextByteSize").GetInt64().Should().Be(expected.ContextByteSize);
        json.GetProperty("requiredByteSize").GetInt64().Should().Be(expected.RequiredByteSize);
        json.GetProperty("contextLength").GetInt32().Should().Be(512);
        json.GetProperty("fits").GetBoolean().Should().BeTrue();
    }

    [Fact]
    public async Task Fits_ModelThatDoesNotFit_FailsWithBothFigures()
    {
        using var folder = new TemporaryFolder();
        string path = folder.File("deep.gguf");
        // One context takes 512 GiB.
        RandomModel.Write(path, new ModelShape(256, 16, 4, 4, 256, 16_777_216), ModelQuantization.Q4_0);

        CommandRun run = await CommandRun.OfAsync("fits", path, "--cache-type", "F32");

        run.ExitCode.Should().Be(1);
        run.Error.Should().MatchRegex(@"The model needs [\d,]+ MiB, and [\d,]+ MiB are available\. Set a shorter --context").And.Contain("\n");
        run.Output.Should().Contain("Available");
    }

    [Fact]
    public async Task Fits_NothingOrTooLongAContext_IsWrongUsageOrFails()
    {
        (await CommandRun.OfAsync("fits")).ExitCode.Should().Be(2);
        (await CommandRun.OfAsync("fits", "missing.gguf")).ExitCode.Should().Be(1);
        CommandRun run = await CommandRun.OfAsync("fits", TestModels.Demonstration, "--context", "2000");
        run.ExitCode.Should().NotBe(0);
        run.Error.Should().Contain("1,024");
    }
}
