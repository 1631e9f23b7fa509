using System.Text.RegularExpressions;
using Llama2.Tests;

namespace Llama2.Cli.Tests.Training;

/// <summary>The options of <c>llama2 train</c> reach the trainer, and what has been trained is not lost by a careless call.</summary>
public sealed class TrainingOptionTests : IDisposable
{
    private static readonly string[] s_short = ["--steps", "2", "--batch-tokens", "64"];

    private readonly TemporaryFolder _folder = new();
    private readonly string _data;

    public TrainingOptionTests() =>
        File.WriteAllText(_data = _folder.File("data.jsonl"), string.Concat(Enumerable.Range(0, 12).Select(i => $$"""{"prompt":"Say {{i}}.","completion":"It is {{i}}."}""" + "\n")));

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Train_SettingsOfTheOptimizerAndTheCard_AreInTheCard()
    {
        string adapter = _folder.File("a.gguf");

        CommandRun run = await TrainAsync("-o", adapter, "--beta1", "0.8", "--beta2", "0.95", "--final-rate", "0.1", "--targets", "q_proj,v_proj", "--targets", "down_proj", "--base-model", "owner/model", "--license", "llama2");

        run.ExitCode.Should().Be(0, run.Error);
        File.ReadAllText(_folder.File("a.md")).Should().StartWith("---\nbase_model: \"owner/model\"\nbase_model_relation: adapter\nlicense: \"llama2\"\n")
            .And.Contain("AdamW, β₁ 0.8, β₂ 0.95").And.Contain("to 0.1 of it").And.Contain("| adapted layers | QueryAndValue, Down |");
        (await CommandRun.OfAsync("adapter", "inspect", adapter)).Output.Should().Contain("attn_q").And.Contain("ffn_down").And.NotContain("ffn_up").And.NotContain("attn_k");
    }

    [Fact]
    public async Task Train_Dora_WritesMagnitudesThatAreShownAndMerged()
    {
        string adapter = _folder.File("a.gguf"), recipe = _folder.File("dora.yaml"), merged = _folder.File("merged.gguf");
        File.WriteAllText(recipe, "dora: true\nsteps: 2\nbatch-tokens: 64\n");

        CommandRun run = await TrainAsync("-o", adapter, "--dora"), same = await CommandRun.OfAsync("train", recipe, TestModels.Demonstration, _data, "-o", _folder.File("b.gguf"));

        run.ExitCode.Should().Be(0, run.Error);
        same.ExitCode.Should().Be(0, same.Error);
        File.ReadAllBytes(adapter).Should().Equal(File.ReadAllBytes(_folder.File("b.gguf")));
        File.ReadAllText(_folder.File("a.md")).Should().Contain("| magnitudes of rows (DoRA) | trained |");
        (await CommandRun.OfAsync("adapter", "inspect", adapter)).Output.Should().Contain("magnitudes  one for each row");
        (await CommandRun.OfAsync("adapter", "inspect", adapter, "--json")).Output.Should().Contain("\"hasMagnitudes\": true");
        (await CommandRun.OfAsync("adapter", "merge", TestModels.Demonstration, adapter, "-o", merged, "--type", "F32")).ExitCode.Should().Be(0);
        (await TrainAsync("-o", _folder.File("whole.gguf"), "--full", "--dora")).Error.Should().Contain("--dora is for training an adapter");
    }

    [Fact]
    public async Task Train_TokensAndNorms_WritesTheirRowsThatAreShownUsedAndMerged()
    {
        string adapter = _folder.File("a.gguf"), recipe = _folder.File("rows.yaml"), merged = _folder.File("merged.gguf");
        File.WriteAllText(recipe, "train-tokens: [\"5,259\", \"lm_head=5,259\"]\nsave-modules: [norm]\nsteps: 2\nbatch-tokens: 64\n");

        CommandRun run = await TrainAsync("-o", adapter, "--train-tokens", "5,259", "--train-tokens", "lm_head=5,259", "--save-modules", "norm"), same = await CommandRun.OfAsync("train", recipe, TestModels.Demonstration, _data, "-o", _folder.File("b.gguf"));

        run.ExitCode.Should().Be(0, run.Error);
        run.Error.Should().Contain("\nllama2: the adapter has rows of single tokens, which llama.cpp does not load: merge it");
        same.ExitCode.Should().Be(0, same.Error);
        File.ReadAllBytes(adapter).Should().Equal(File.ReadAllBytes(_folder.File("b.gguf")));
        File.ReadAllText(_folder.File("a.md")).Should().Contain("| trained rows of the embeddings | those of the tokens 5, 259 |").And.Contain("| trained rows of the output matrix | those of the tokens 5, 259 |").And.Contain("| tensors trained as a whole | input_layernorm, post_attention_layernorm, model.norm |");
        (await CommandRun.OfAsync("adapter", "inspect", adapter)).Output.Should().MatchRegex("\ntoken_embd.weight +rows of tokens: 2\n").And.MatchRegex("\noutput_norm.weight +whole tensor\n");
        (await CommandRun.OfAsync("adapter", "inspect", adapter, "--json")).Output.Should().MatchRegex("\"rowCount\": ?2");
        string[] prompt = ["--prompt", "Once", "--temperature", "0", "--max-tokens", "8", "--quiet"];
        (await CommandRun.OfAsync("adapter", "merge", TestModels.Demonstration, adapter, "-o", merged, "--type", "F32")).ExitCode.Should().Be(0);
        CommandRun used = await CommandRun.OfAsync(["generate", TestModels.Demonstration, "--adapter", adapter, .. prompt]);
        used.ExitCode.Should().Be(0, used.Error);
        (await CommandRun.OfAsync(["generate", merged, .. prompt])).ExitCode.Should().Be(0);
    }

    [Theory]
    [InlineData("5,5", "each may occur once")]
    [InlineData("5;6", "'5;6' is not of the form [MODULE=]ID,ID…, where MODULE is embed_tokens or lm_head")]
    [InlineData("norm=5", "'norm=5' is not of the form")]
    [InlineData("-1", "'-1' is not of the form")]
    [InlineData("300000", "from 0 to 262,143")]
    public async Task Train_TokensThatAreNone_AreRefused(string tokens, string message)
        => (await TrainAsync("-o", _folder.File("a.gguf"), $"--train-tokens={tokens}")).Error.Should().Contain("--train-tokens: ").And.Contain(message);

    [Fact]
    public async Task Train_KeepActivations_IsToldAndLearnsTheSame()
    {
        string kept = _folder.File("kept.gguf"), again = _folder.File("again.gguf"), decided = _folder.File("decided.gguf");

        CommandRun keeps = await TrainAsync("-o", kept, "--keep-activations"), computes = await TrainAsync("-o", again, "--keep-activations", "false"), decides = await TrainAsync("-o", decided);

        keeps.Error.Should().MatchRegex("memory: about .*, activations .* \\(kept\\)\n");
        computes.Error.Should().MatchRegex("memory: about .*, activations .* \\(computed again\\)\n");
        decides.Error.Should().MatchRegex("\\(kept\\)\n", "the demonstration model fits everywhere");
        File.ReadAllBytes(kept).Should().Equal(File.ReadAllBytes(again)).And.Equal(File.ReadAllBytes(decided));
    }

    [Fact]
    public async Task Train_DescribedDataSets_AreReadAsTheDescriptionSays()
    {
        string descriptions = _folder.File("dataset_info.json"), others = _folder.File("others.json"), recipe = _folder.File("recipe.yaml");
        File.WriteAllText(descriptions, """
            {
              "mine": { "file_name": "mine.json", "columns": { "prompt": "question", "response": "says" } },
              "others": { "file_name": "others.json", "formatting": "sharegpt" },
              "hub": { "hf_hub_url": "owner/data" }
            }
            """);
        File.WriteAllText(_folder.File("mine.json"), """[{"question":"Cat?","says":"Meow."}]""");
        File.WriteAllText(others, """[{"conversations":[{"from":"human","value":"Dog?"},{"from":"gpt","value":"Woof."}]}]""");
        File.WriteAllText(recipe, $"model: {TestModels.Demonstration}\ndata: ['dataset_info.json#mine=2', 'dataset_info.json#others']\npreview: true\n");

        CommandRun preview = await CommandRun.OfAsync("train", TestModels.Demonstration, $"{descriptions}#mine=2", "--data", $"{descriptions}#others", "--validation-data", $"{descriptions}#mine", "--preview", "--format", "llama-2");
        CommandRun ofRecipe = await CommandRun.OfAsync("train", recipe, "--format", "llama-2");
        CommandRun hub = await CommandRun.OfAsync("train", TestModels.Demonstration, $"{descriptions}#hub", "--preview");
        CommandRun replacing = await CommandRun.OfAsync("train", TestModels.Demonstration, $"{descriptions}#mine", "--data", $"{descriptions}#others", "-o", _folder.File("a.gguf"), "--log", others, "--force");

        preview.ExitCode.Should().Be(0, preview.Error);
        preview.Output.Should().Contain("Cat? [/INST]").And.Contain("Woof.");
        ofRecipe.Output.Should().Be(preview.Output, ofRecipe.Error);
        hub.ShouldFailInOneLine(1).Should().Contain($"'{descriptions}', line 4: 'hf_hub_url' is not supported").And.Contain("download the data");
        replacing.ShouldFailInOneLine(1).Should().Contain($"'{others}' would be both an input and --log");
    }

    [Fact]
    public async Task Train_Extended_GoesOnFromTheFinishedRun()
    {
        string state = _folder.File("state.bin"), curve = _folder.File("curve.csv");
        string[] options = ["--batch-tokens", "64", "--checkpoint", state, "--curve", curve];
        (await CommandRun.OfAsync(["train", TestModels.Demonstration, _data, "-o", _folder.File("a.gguf"), "--epochs", "2", .. options])).ExitCode.Should().Be(0);
        string[] former = File.ReadAllLines(curve);

        CommandRun refused = await CommandRun.OfAsync(["train", TestModels.Demonstration, _data, "-o", _folder.File("b.gguf"), "--epochs", "3", "--resume", .. options]);
        CommandRun extended = await CommandRun.OfAsync(["train", TestModels.Demonstration, _data, "-o", _folder.File("b.gguf"), "--epochs", "3", "--extend", .. options]);

        refused.ExitCode.Should().Be(1);
        refused.Error.Should().Contain("was made in a run of 2 epochs; resume with the same length, or extend the run");
        extended.ExitCode.Should().Be(0, extended.Error);
        string[] both = File.ReadAllLines(curve);
        both.Length.Should().BeGreaterThan(former.Length);
        both.Take(former.Length).Select(WithoutSpeed).Should().Equal(former.Select(WithoutSpeed));

        static string WithoutSpeed(string line) => string.Join(',', line.Split(',')[..4]);
    }

    [Theory]
    [InlineData("a.gguf' already exists; name a new file, or give --force", "a.gguf", "new.bin")]
    [InlineData("The model card", "b.gguf", "new.bin")]
    [InlineData("The checkpoint", "new.gguf", "state.bin")]
    public async Task Train_ResultOfEarlierTraining_IsReplacedOnlyByForce(string fault, string output, string checkpoint)
    {
        foreach (string name in (string[])["a.gguf", "b.md", "state.bin"])
            File.WriteAllText(_folder.File(name), "the work of hours");
        string[] options = ["-o", _folder.File(output), "--checkpoint", _folder.File(checkpoint)];

        CommandRun refused = await TrainAsync(options);
        refused.ShouldFailInOneLine(1).Should().Contain(fault);
        foreach (string name in (string[])["a.gguf", "b.md", "state.bin"])
            File.ReadAllText(_folder.File(name)).Should().Be("the work of hours");

        CommandRun forced = await TrainAsync([.. options, "--force"]);
        forced.ExitCode.Should().Be(0, forced.Error);
        (await CommandRun.OfAsync("adapter", "inspect", _folder.File(output))).ExitCode.Should().Be(0);
    }

    [Fact]
    public async Task Train_FindRate_PrintsARateAndDrawsTheLosses()
    {
        string picture = _folder.File("rates.svg"), table = _folder.File("rates.csv");

        CommandRun run = await CommandRun.OfAsync("train", TestModels.Demonstration, _data, "--find-rate", "--steps", "40", "--batch-tokens", "64", "--curve", picture, "--curve", table);

        run.ExitCode.Should().Be(0, run.Error);
        Match found = Regex.Match(run.Output, @"^--learning-rate (\d\.\de-\d): a tenth of the rate \d\.\de-\d, at which the loss was smallest \([0-9.]+, at first [0-9.]+\)\n$");
        found.Success.Should().BeTrue(run.Output);
        double rate = double.Parse(found.Groups[1].ValueSpan, System.Globalization.CultureInfo.InvariantCulture);
        rate.Should().BeInRange(1e-5, 1e-1);
        string[] lines = File.ReadAllLines(table);
        lines[0].Should().Be("learning_rate,loss,smoothed_loss");
        lines[1].Should().StartWith("1E-06,");
        System.Xml.Linq.XElement.Load(picture).Value.Should().Contain("learning rate").And.Contain($"suggested: {found.Groups[1].Value}").And.Contain("loss (nats a token)");
        (await CommandRun.OfAsync("train", TestModels.Demonstration, _data, "--find-rate", "--curve", _data)).Error.Should().Contain("both an input and --curve");
    }

    [Fact]
    public async Task Train_EmptyOutput_IsFilled()
    {
        string adapter = _folder.File("made-by-mktemp.gguf");
        File.WriteAllBytes(adapter, []);

        (await TrainAsync("-o", adapter)).ExitCode.Should().Be(0);
        new FileInfo(adapter).Length.Should().BePositive();
    }

    [Fact]
    public async Task Train_OriginalOfAnotherModel_IsRefusedBeforeTraining()
    {
        CommandRun run = await TrainAsync("-o", _folder.File("merged.gguf"), "--type", "Q4_0", "--original", RepositoryFiles.Committed("tests", "data", "forms", "huggingface"));

        run.ExitCode.Should().Be(1);
        run.Error.Should().Contain("it must be the original").And.NotContain("time: ").And.NotContain("step 1 ");
        Directory.GetFiles(_folder.Path).Should().Equal(_data);
    }

    [Theory]
    [InlineData("merged.gguf", "Q4_0", "Q4_0")]
    [InlineData("merged", "F16", "F16")]
    public async Task Train_MergedAndValidated_TellsTheLossOfTheWrittenModel(string output, string type, string card)
    {
        CommandRun run = await CommandRun.OfAsync(
            "train", TestModels.Demonstration, _data, "-o", _folder.File(output), "--type", type, "--allow-requantize", "--validation", "0.2", "--epochs", "10", "--learning-rate", "0.005", "--batch-tokens", "64");

        run.ExitCode.Should().Be(0, run.Error);
        Match losses = Regex.Match(run.Output, $"validation loss [0-9.]+ → ([0-9.]+), of step [0-9]+\nvalidation loss of the written model \\({type}\\) ([0-9.]+)\n$");
        losses.Success.Should().BeTrue(run.Output);
        (double trained, double written) = (double.Parse(losses.Groups[1].ValueSpan, null), double.Parse(losses.Groups[2].ValueSpan, null));
        written.Should().BeApproximately(trained, type == "F16" ? 0.01 : 0.3);
        if (type == "Q4_0")
            losses.Groups[2].Value.Should().NotBe(losses.Groups[1].Value, "rounding to four bits changes the loss");
        string text = File.ReadAllText(_folder.File(output.EndsWith(".gguf", StringComparison.Ordinal) ? "merged.md" : "merged/README.md"));
        text.Should().Contain("base_model_relation: finetune\n").And.Contain("merged into its weights").And.Contain($"its weights are in {card}.");
    }

    [Theory]
    [InlineData("--targets: 'q_prj' is not one of all, q_proj, k_proj, v_proj, o_proj, gate_proj, up_proj, down_proj. Did you mean 'q_proj'?", "--targets", "q_proj,q_prj")]
    [InlineData("--beta1: '1' is not a number", "--beta1", "1")]
    [InlineData("--final-rate: '2' is not a number", "--final-rate", "2")]
    [InlineData("--extend needs the --checkpoint", "--extend")]
    [InlineData("--license is for the model card, which --no-card does not write", "--license", "mit", "--no-card")]
    public async Task Train_WrongUsage_IsOneLine(string fault, params string[] options)
        => (await CommandRun.OfAsync(["train", TestModels.Demonstration, _data, "-o", "a.gguf", .. options])).ShouldFailInOneLine(2).Should().Contain(fault);

    private Task<CommandRun> TrainAsync(params string[] options) => CommandRun.OfAsync(["train", TestModels.Demonstration, _data, .. s_short, .. options]);
}
