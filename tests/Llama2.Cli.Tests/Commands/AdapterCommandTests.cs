using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Llama2.Evaluation;
using Llama2.Tests;

namespace Llama2.Cli.Tests.Commands;

public sealed class AdapterCommandTests : IDisposable
{
    private const string BaseName = "blk.0.attn_v.weight";
    private readonly TemporaryFolder _folder = new();
    private readonly string _adapter;

    public AdapterCommandTests() => _adapter = _folder.Write("adapter.gguf", AdapterFile.Of(TestModels.Demonstration));

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Inspect_Adapter_ShowsItsPairs()
    {
        CommandRun run = await CommandRun.OfAsync("adapter", "inspect", _adapter);

        run.ShouldSucceed();
        run.Output.Should().Contain("GGUF v3, LoRA adapter").And.MatchRegex($"{BaseName} +rank +2 +scale 4");
    }

    [Fact]
    public async Task Inspect_Json_IsOneObject()
    {
        CommandRun run = await CommandRun.OfAsync("adapter", "inspect", _adapter, "--json");

        run.ShouldSucceed();
        using var document = JsonDocument.Parse(run.Output);
        JsonElement tensor = document.RootElement.GetProperty("tensors").EnumerateArray().Single();
        document.RootElement.GetProperty("format").GetString().Should().Be("GGUF v3");
        (tensor.GetProperty("baseName").GetString(), tensor.GetProperty("rank").GetInt32(), tensor.GetProperty("scale").GetSingle()).Should().Be((BaseName, 2, 4f));
    }

    [Fact]
    public async Task Merge_Adapter_WritesAModelThatSaysWhatTheAdapterMakesItSay()
    {
        string merged = _folder.File("merged.gguf");
        CommandRun run = await CommandRun.OfAsync("adapter", "merge", TestModels.Demonstration, $"{_adapter}=0.5", "-o", merged, "--type", "f32");
        run.ShouldSucceed();
        run.ShouldTellOf(merged);

        string withAdapter = await Generate(TestModels.Demonstration, "--adapter", $"{_adapter}=0.5"), plain = await Generate(TestModels.Demonstration);

        (await Generate(merged)).Should().NotBe(plain);
        withAdapter.Should().NotBe(plain);
    }

    [Theory]
    [InlineData("Q8_0")]
    [InlineData("q4_0", "--allow-requantize")]
    public async Task Merge_IntoBlocks_WritesAModelOfThatType(string type, params string[] options)
    {
        string merged = _folder.File("merged.gguf");
        (await CommandRun.OfAsync(["adapter", "merge", TestModels.Demonstration, _adapter, "-o", merged, "--type", type, .. options])).ShouldSucceed();

        ModelFileInformation.Read(merged).Tensors.Single(tensor => tensor.Name == BaseName).Type.ToString().Should().BeEquivalentTo(type);
        (await Generate(merged)).Should().NotBeEmpty();
    }

    [Fact]
    public async Task Merge_SmallChangeIntoQuantizedWeights_SurvivesByDefaultAndIsRefusedWhenRoundedToTheNearest()
    {
        string model = _folder.File("quantized.gguf"), merged = _folder.File("merged.gguf");
        (await CommandRun.OfAsync("quantize", TestModels.Demonstration, model, "Q4_0", "--allow-requantize")).ShouldSucceed();
        string[] merge = ["adapter", "merge", model, $"{_adapter}=0.001", "-o", merged, "--type", "Q4_0", "--allow-requantize"];

        CommandRun refused = await CommandRun.OfAsync([.. merge, "--rounding", "nearest"]);
        refused.ShouldFailInOneLine(1).Should().MatchRegex($@"'{Regex.Escape(merged)}' was not written: \d+ % of the adapters' change would survive .* at least 90 % must\.").And.Contain("--min-survival");
        File.Exists(merged).Should().BeFalse();

        CommandRun kept = await CommandRun.OfAsync(merge);
        kept.ShouldSucceed();
        kept.Error.Should().MatchRegex($@"\nllama2: (9\d|10\d)\.\d % of the adapters' change survived in the written weights \(least: [\d.]+ % in '{BaseName}', Q4_0\)\n$");
        (await Generate(merged)).Should().NotBeEmpty();
    }

    [Fact]
    public async Task FolderOfPeft_IsTakenWhereverAnAdapterIs()
    {
        string model = RepositoryFiles.Committed("tests", "data", "forms", "huggingface"), adapter = RepositoryFiles.Committed("tests", "data", "adapters", "plain"), merged = _folder.File("merged.gguf");

        (await CommandRun.OfAsync("adapter", "inspect", adapter)).Output.Should().Contain("PEFT safetensors, LoRA adapter").And.MatchRegex("blk.0.attn_q.weight +rank +4  scale 2");
        (await CommandRun.OfAsync("adapter", "merge", model, adapter + "=0.5", "-o", merged)).ShouldSucceed();

        string adapted = await Generate(model, "--adapter", adapter + "=0.5");
        adapted.Should().Be(await Generate(merged)).And.NotBe(await Generate(model));
    }

    [Fact]
    public async Task Perplexity_WithAnAdapter_IsTheLibrarysWithItByBothDefinitions()
    {
        string text = string.Concat(Enumerable.Repeat("Once upon a time, there was a kind boy. He saw a dog. ", 12)), path = _folder.Write("text.txt", Encoding.UTF8.GetBytes(text));
        using LlamaModel model = LlamaModel.Load(TestModels.Demonstration);
        using LlamaAdapter adapter = model.LoadAdapter(_adapter);
        var options = new ComputationOptions { Adapters = [new LlamaAdapterUse(adapter, 0.5f)] };
        double windowed = (await Perplexity.ComputeWindowedAsync(model, text, 64, options: options)).Perplexity;
        double rolling = (await Perplexity.ComputeRollingAsync(model, text, 64, options)).TokenPerplexity;

        (await Measure("--adapter", $"{_adapter}=0.5")).Should().Be((windowed, rolling));
        (double plainWindowed, double plainRolling) = await Measure();
        plainWindowed.Should().NotBe(windowed);
        plainRolling.Should().NotBe(rolling);

        async Task<(double Windowed, double Rolling)> Measure(params string[] adapters)
        {
            CommandRun run = await CommandRun.OfAsync(["perplexity", TestModels.Demonstration, path, "--window", "64", "--method", "both", "--json", .. adapters]);
            run.ShouldSucceed();
            JsonElement root = JsonElement.Parse(run.Output);
            return (root.GetProperty("windows").GetProperty("perplexity").GetDouble(), root.GetProperty("rolling").GetProperty("token_perplexity").GetDouble());
        }
    }

    [Fact]
    public async Task Chat_WithAnAdapter_AnswersAsItMakesTheModelAndLoadsWhatWasSavedWithIt()
    {
        string path = _folder.File("said.json");

        string adapted = (await Chat(["--adapter", _adapter], "Hello!", $"/save {path}")).Output;

        adapted.Should().NotBe((await Chat([], "Hello!")).Output);
        (await Chat(["--adapter", _adapter], $"/load {path}", "Hello!")).ExitCode.Should().Be(0);
        (await Chat([], $"/load {path}")).ShouldFailInOneLine(1).Should().Contain("saved with 1 adapters");

        static Task<CommandRun> Chat(string[] options, params string[] lines) => CommandRun.OfAsync(
            ["chat", TestModels.Demonstration, "--temperature", "0", "--max-tokens", "30", "--quiet", .. options], Encoding.UTF8.GetBytes(string.Join('\n', lines)));
    }

    [Theory]
    [InlineData("the scale 'x' is not a number", "generate", "MODEL", "--adapter", "ADAPTER=x")]
    [InlineData("the scale 'x' is not a number", "adapter", "merge", "MODEL", "ADAPTER=x", "-o", "OUT")]
    [InlineData("See: llama2 adapter inspect --help", "adapter", "inspect", "MODEL", "--bogus")]
    [InlineData("PATH is missing. See: llama2 adapter inspect --help", "adapter", "inspect")]
    [InlineData("There is no file", "adapter", "merge", "MODEL", "nothing.gguf", "-o", "OUT")]
    [InlineData("There is no file", "generate", "MODEL", "--adapter", "nothing")]
    [InlineData("--type: 'Q9' is not one of F32, F16, Q4_0", "adapter", "merge", "MODEL", "ADAPTER", "-o", "OUT", "--type", "Q9")]
    [InlineData("allow requantizing", "adapter", "merge", "MODEL", "ADAPTER", "-o", "OUT", "--type", "Q4_0")]
    [InlineData("not an adapter", "adapter", "inspect", "MODEL")]
    public async Task Adapter_WrongUse_IsToldInASentence(string message, params string[] arguments)
    {
        CommandRun run = await CommandRun.OfAsync(
            [.. arguments.Select(argument => argument.Replace("MODEL", TestModels.Demonstration).Replace("ADAPTER", _adapter).Replace("OUT", _folder.File("out.gguf")))]);

        run.ExitCode.Should().NotBe(0);
        run.Error.Should().Contain(message);
        File.Exists(_folder.File("out.gguf")).Should().BeFalse();
    }

    private static async Task<string> Generate(string model, params string[] options)
    {
        CommandRun run = await CommandRun.OfAsync(["generate", model, "--prompt", "Once upon a time", "--temperature", "0", "--max-tokens", "30", "--quiet", .. options]);
        run.ShouldSucceed();
        return run.Output;
    }
}
