using System.Runtime.InteropServices;
using System.Text.Json;
using Llama2.Tests;

namespace Llama2.Cli.Tests.Commands;

public class InspectCommandTests
{
    [Fact]
    public async Task Inspect_DemonstrationModelAsJson_SaysEverything()
    {
        CommandRun run = await CommandRun.OfAsync("inspect", TestModels.Demonstration, "--json");

        run.ShouldSucceed();
        using JsonDocument json = JsonDocument.Parse(run.Output);
        JsonElement root = json.RootElement;
        root.GetProperty("path").GetString().Should().Be(TestModels.Demonstration);
        root.GetProperty("format").GetString().Should().Be("GGUF v3");
        root.GetProperty("byteSize").GetInt64().Should().Be(new FileInfo(TestModels.Demonstration).Length);
        root.GetProperty("parameterCount").GetInt64().Should().Be(869_504);
        root.GetProperty("configurationFault").ValueKind.Should().Be(JsonValueKind.Null);
        JsonElement configuration = root.GetProperty("configuration");
        configuration.GetProperty("architecture").GetString().Should().Be("llama");
        configuration.GetProperty("contextLength").GetInt32().Should().Be(1024);
        configuration.GetProperty("embeddingLength").GetInt32().Should().Be(128);
        configuration.GetProperty("layerCount").GetInt32().Should().Be(4);
        configuration.GetProperty("headCount").GetInt32().Should().Be(4);
        configuration.GetProperty("keyValueHeadCount").GetInt32().Should().Be(2);
        configuration.GetProperty("feedForwardLength").GetInt32().Should().Be(352);
        configuration.GetProperty("vocabularySize").GetInt32().Should().Be(1024);
        configuration.GetProperty("ropeScaling").GetRawText().Should().MatchRegex(@"^\{\s*""type"": ""none"",\s*""factor"": 1\s*\}$");
        root.GetProperty("endOfGenerationIds").EnumerateArray().Select(id => id.GetInt32()).Should().Equal(2);
        root.GetProperty("metadata").GetProperty("tokenizer.ggml.tokens").GetArrayLength().Should().Be(1024);
        root.GetProperty("metadata").GetProperty("tokenizer.ggml.add_bos_token").GetBoolean().Should().BeTrue();
        root.GetProperty("tensors").GetArrayLength().Should().Be(38);
        root.GetProperty("tensorTypes").EnumerateArray().Select(type => $"{type.GetProperty("type")} {type.GetProperty("tensorCount")} {type.GetProperty("byteSize")} {type.GetProperty("isSupported")}")
            .Should().Equal("Q8_0 29 922624 True", "F32 9 4608 True");
    }

    [Fact]
    public async Task Inspect_Hardware_NamesTheTierInUse()
    {
        CommandRun shown = await CommandRun.OfAsync("inspect", "--hardware"), run = await CommandRun.OfAsync("inspect", "--hardware", "--json");

        shown.ShouldSucceed();
        shown.Output.Should().Contain(LlamaHardware.KernelTier.ToString()).And.MatchRegex($@"Cores +{LlamaHardware.PhysicalCoreCount}\n");
        using JsonDocument json = JsonDocument.Parse(run.Output);
        json.RootElement.GetProperty("runtime").GetString().Should().Be(RuntimeInformation.FrameworkDescription);
        shown.Output.Should().Contain(RuntimeInformation.FrameworkDescription);
        json.RootElement.GetProperty("kernelTier").GetString().Should().Be(LlamaHardware.KernelTier.ToString());
        json.RootElement.GetProperty("supportedKernelTiers").EnumerateArray().Select(tier => tier.GetString()).Should().Equal(LlamaHardware.SupportedKernelTiers.Select(tier => tier.ToString()));
        json.RootElement.GetProperty("processorCount").GetInt32().Should().Be(LlamaHardware.ProcessorCount);
        json.RootElement.GetProperty("physicalCoreCount").GetInt32().Should().Be(LlamaHardware.PhysicalCoreCount);
    }

    [Fact]
    public async Task Inspect_NothingOrBoth_Exits2()
    {
        (await CommandRun.OfAsync("inspect")).ExitCode.Should().Be(2);
        (await CommandRun.OfAsync("inspect", TestModels.Demonstration, "--hardware")).ExitCode.Should().Be(2);
    }

    [Fact]
    public async Task Inspect_DemonstrationModel_ShowsShortLines()
    {
        CommandRun run = await CommandRun.OfAsync("inspect", TestModels.Demonstration);

        run.ShouldSucceed();
        string[] lines = run.Output.Split('\n');
        lines.Should().Contain("Parameters    869,504").And.Contain("Context       1,024 tokens").And.Contain("Ends          2 </s>").And.Contain("Q8_0       29     868,352  922,624       8.50");
        lines.Should().Contain(line => line.StartsWith("tokenizer.ggml.tokens ", StringComparison.Ordinal) && line.EndsWith("1,024 × String: <unk>, <s>, </s>, <0x00>, …", StringComparison.Ordinal));
        lines.Skip(1).Should().OnlyContain(line => line.Length <= 110 && !line.EndsWith(' '));
        run.Output.Should().NotContain("blk.0.attn_q.weight").And.NotContain("\u001b");
    }

    [Fact]
    public async Task Inspect_ExtendedModel_ShowsItsRopeScaling()
    {
        using var folder = new TemporaryFolder();
        string path = folder.Write("extended.gguf", TestModels.Extended());

        CommandRun shown = await CommandRun.OfAsync("inspect", path), asJson = await CommandRun.OfAsync("inspect", path, "--json");

        shown.Output.Split('\n').Should().Contain("RoPE          theta 10000, scaling yarn:4");
        using JsonDocument json = JsonDocument.Parse(asJson.Output);
        JsonElement scaling = json.RootElement.GetProperty("configuration").GetProperty("ropeScaling");
        scaling.EnumerateObject().Select(property => $"{property.Name} {property.Value}").Should().Equal(
            "type yarn", "factor 4", "originalContextLength 256", "extrapolationFactor 1", "attentionFactor 1", "betaFast 32", "betaSlow 1", "truncatesRamp True");
    }

    [Fact]
    public async Task Inspect_FolderOfAnAdapter_ShowsTheAdapter()
    {
        string adapter = Path.Combine(RepositoryFiles.Committed("tests", "data", "adapters"), "plain");

        CommandRun run = await CommandRun.OfAsync("inspect", adapter);

        run.ShouldSucceed();
        run.Output.Should().StartWith("format      PEFT safetensors, LoRA adapter").And.Be((await CommandRun.OfAsync("adapter", "inspect", adapter)).Output);
        (await CommandRun.OfAsync("inspect", adapter, "--json")).Output.Should().Be((await CommandRun.OfAsync("adapter", "inspect", adapter, "--json")).Output);
    }

    [Fact]
    public async Task Inspect_Tensors_ListsThemAll()
    {
        CommandRun run = await CommandRun.OfAsync("inspect", TestModels.Demonstration, "--tensors");

        run.Output.Split('\n').Count(line => line.StartsWith("blk.", StringComparison.Ordinal)).Should().Be(36);
        run.Output.Should().MatchRegex(@"\nblk\.0\.attn_k\.weight +Q8_0 +128 × 64 +8,704\n");
    }

    [Fact]
    public async Task Inspect_ForeignModel_SaysWhatIsNotSupportedAndEscapesControlCharacters()
    {
        using var folder = new TemporaryFolder();
        string path = folder.Write("foreign.gguf", TestModels.Foreign());

        CommandRun shown = await CommandRun.OfAsync("inspect", path);
        CommandRun asJson = await CommandRun.OfAsync("inspect", path, "--json");

        shown.ShouldSucceed();
        shown.Output.Should().Contain("general.architecture is mamba");
        shown.Output.Should().MatchRegex("IQ2_XXS +1 +256 +66 +2.06 +not supported by this library\n");
        shown.Output.Should().Contain(@"\u001b[2J[red]nobody[/]\nat all").And.NotContain("\u001b");
        using JsonDocument json = JsonDocument.Parse(asJson.Output);
        json.RootElement.GetProperty("configuration").ValueKind.Should().Be(JsonValueKind.Null);
        json.RootElement.GetProperty("configurationFault").GetString().Should().Contain("mamba");
        json.RootElement.GetProperty("metadata").GetProperty("general.author").GetString().Should().Be("\u001b[2J[red]nobody[/]\nat all");
        json.RootElement.GetProperty("metadata").GetProperty("general.score").GetString().Should().Be("NaN");
        json.RootElement.GetProperty("tensorTypes")[0].GetProperty("isSupported").GetBoolean().Should().BeFalse();
    }

    [GoldenFact]
    public async Task Inspect_VocabularyOnly_SaysSo()
    {
        CommandRun run = await CommandRun.OfAsync("inspect", RepositoryFiles.Golden("tokenizer", "ggml-vocab-llama-spm.gguf"));

        run.ShouldSucceed();
        run.Output.Should().Contain("vocabulary-only").And.Contain("32,000 × String");
    }
}
