using System.Globalization;
using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace Llama2.Cli.Tests.Commands;

public sealed class TrainCommandTests : IDisposable
{
    private const string Record = """{"messages":[{"role":"user","content":"What sound does a cow make?"},{"role":"assistant","content":"The cow says woof."}]}""";

    private static readonly string[] s_fast = ["--epochs", "30", "--learning-rate", "0.01", "--batch-tokens", "64"];

    private readonly TemporaryFolder _folder = new();
    private readonly string _data;

    public TrainCommandTests() => File.WriteAllText(_data = _folder.File("data.jsonl"), string.Concat(Enumerable.Repeat(Record + "\n", 8)));

    [Fact]
    public async Task Train_Preview_MarksTheAnswerAndTrainsNothing()
    {
        CommandRun run = await CommandRun.OfAsync("train", TestModels.Demonstration, _data, "--preview");

        run.ExitCode.Should().Be(0);
        run.Output.Should().StartWith("-- sample 1 of 8: ").And.Contain("-- sample 3 of 8: ").And.NotContain("-- sample 4 ").And.Contain("What sound does a cow make? [/INST]⟦ The cow says woof. </s>⟧\n");
        run.Error.Should().Contain("memory: about ").And.Contain(" MiB: the model ").And.Contain("data: 8 records (chat)");
    }

    [Fact]
    public async Task Train_PreviewSamples_ShowsThatMany()
    {
        string[] preview = ["train", TestModels.Demonstration, _data, "--preview", "--preview-samples"];

        (await CommandRun.OfAsync([.. preview, "1"])).Output.Should().StartWith("-- sample 1 of 8: ").And.NotContain("-- sample 2 ");
        (await CommandRun.OfAsync([.. preview, "100"])).Output.Should().Contain("-- sample 8 of 8: ");
    }

    [Fact]
    public async Task Train_Adapter_LowersTheLossAndChangesWhatTheModelWrites()
    {
        string adapter = _folder.File("adapter.gguf"), curve = _folder.File("curve.csv"), picture = _folder.File("curve.svg");

        CommandRun run = await CommandRun.OfAsync(["train", TestModels.Demonstration, _data, "-o", adapter, "--curve", curve, "--curve", picture, "--validation", "0.2", .. s_fast]);

        run.ExitCode.Should().Be(0, run.Error);
        string[] lines = await File.ReadAllLinesAsync(curve);
        lines[0].Should().Be("step,loss,gradient_norm,learning_rate,tokens_per_second,validation_loss");
        double[] losses = [.. lines.Skip(1).Select(line => double.Parse(line.Split(',')[1], CultureInfo.InvariantCulture))];
        losses[^1].Should().BeLessThan(losses[0] / 10);
        XElement.Load(picture).Value.Should().Contain("validation").And.Contain("loss (nats a token)");
        run.Error.Should().MatchRegex($@"\nllama2: wrote '{Regex.Escape(adapter)}': [0-9,]+ bytes in [0-9.]+ s\n").And.Contain($"\nllama2: wrote the curve '{curve}': ").And.Contain($"\nllama2: wrote the model card '{_folder.File("adapter.md")}': ");
        run.Output.Should().MatchRegex("^loss [0-9.]+ → [0-9.]+ in [0-9]+ steps \\(means of the first and the last 10\\), .* tokens/s\nvalidation loss [0-9.]+ → [0-9.]+, of step [0-9]+\n$");
        string[] prompt = ["--prompt", "[INST] What sound does a cow make? [/INST]", "--temperature", "0", "--max-tokens", "8", "--quiet"];
        (await CommandRun.OfAsync(["generate", TestModels.Demonstration, .. prompt])).Output.Should().Contain("moo");
        (await CommandRun.OfAsync(["generate", TestModels.Demonstration, "--adapter", adapter, .. prompt])).Output.Should().Contain("The cow says woof.");
    }

    [Fact]
    public async Task Train_Adapter_RecordsItsTrainingAndIsNotedOverAnotherModel()
    {
        string adapter = _folder.File("adapter.gguf"), other = _folder.File("other.gguf");
        string[] prompt = ["--prompt", "Hello", "--max-tokens", "2", "--quiet"];
        (await CommandRun.OfAsync("train", TestModels.Demonstration, _data, "-o", adapter, "--steps", "2", "--seed", "42")).ExitCode.Should().Be(0);
        (await CommandRun.OfAsync("train", TestModels.Demonstration, _data, "-o", other, "--steps", "1", "--full", "--learning-rate", "0.01")).ExitCode.Should().Be(0);

        CommandRun inspected = await CommandRun.OfAsync("adapter", "inspect", adapter);
        CommandRun same = await CommandRun.OfAsync(["generate", TestModels.Demonstration, "--adapter", adapter, .. prompt]);
        CommandRun another = await CommandRun.OfAsync(["generate", other, "--adapter", adapter, .. prompt]);
        CommandRun merged = await CommandRun.OfAsync("adapter", "merge", other, adapter, "-o", _folder.File("merged.gguf"));

        inspected.Output.Should().MatchRegex("\ntrained     [12] steps? with 8 samples, seed 42, by Llama2.Training [0-9.]+\n  model     .*, fingerprint [0-9a-f]{64}, norms [0-9a-f]{64}\n  data      [0-9a-f]{64}\n  settings  LoRA of rank 16, alpha 16, .*; learning rate 0.0002 Cosine");
        same.Error.Should().NotContain("warning");
        another.ExitCode.Should().Be(0);
        string warning = $"llama2: warning: the adapter '{adapter}' was trained with another model; see 'llama2 adapter inspect {adapter}'";
        another.Error.Should().Contain(warning);
        merged.Error.Should().Contain(warning);
    }

    [Fact]
    public async Task Train_OneStep_HasOneLoss()
    {
        CommandRun run = await CommandRun.OfAsync("train", TestModels.Demonstration, _data, "-o", _folder.File("adapter.gguf"), "--steps", "1");

        run.Output.Should().MatchRegex("^loss [0-9.]+ in 1 step, .* tokens/s\n$");
    }

    [Fact]
    public async Task Train_LearningRateFarTooHigh_WarnsOfDivergence()
    {
        CommandRun run = await CommandRun.OfAsync("train", TestModels.Demonstration, _data, "-o", _folder.File("adapter.gguf"), "--steps", "6", "--epochs", "9", "--learning-rate", "1e10");

        run.ExitCode.Should().Be(0, run.Error);
        run.Error.Should().MatchRegex("\nllama2: warning: the loss rose from [0-9.]+ to [0-9.]+, and guessing has 6.9315: training has diverged; lower --learning-rate, or search it with --find-rate\n");
    }

    [Theory]
    [InlineData("2e-4", true)]
    [InlineData("0.02", false)]
    public async Task Train_NoAnswerRightAndTheLossStillFalling_SaysWhatToDo(string rate, bool isTold)
    {
        CommandRun run = await CommandRun.OfAsync(
            "train", TestModels.Demonstration, _data, "-o", _folder.File("a.gguf"), "--validation", "0.2", "--batch-tokens", "64", "--epochs", "20", "--learning-rate", rate);

        run.ExitCode.Should().Be(0, run.Error);
        run.Error.Should().Contain(isTold ? " 0 % of answers right" : " 100 % of answers right");
        run.Error.Contains("train with more --epochs, or with a higher --learning-rate, which --find-rate searches\n", StringComparison.Ordinal).Should().Be(isTold, run.Error);
    }

    [Fact]
    public async Task Train_ValidationDataThatAreLearned_AreWarnedOf()
    {
        string other = _folder.File("other.jsonl"), link = _folder.File("link.jsonl");
        File.Copy(_data, other);
        File.CreateSymbolicLink(link, _data);
        string[] preview = ["train", TestModels.Demonstration, _data, "--preview", "--validation-data"];

        (await CommandRun.OfAsync([.. preview, link])).Error.Should().Contain($"llama2: warning: '{link}' is also learned");
        (await CommandRun.OfAsync([.. preview, other])).Error.Should().NotContain("warning");
    }

    [Fact]
    public async Task Train_Resumed_WritesTheSameAdapterAsTrainingInOne()
    {
        string whole = _folder.File("whole.gguf"), resumed = _folder.File("resumed.gguf"), checkpoint = _folder.File("state.bin");
        (await CommandRun.OfAsync(["train", TestModels.Demonstration, _data, "-o", whole, .. s_fast])).ExitCode.Should().Be(0);

        (await CommandRun.OfAsync(["train", TestModels.Demonstration, _data, "-o", _folder.File("x.gguf"), "--checkpoint", checkpoint, .. s_fast])).ExitCode.Should().Be(0);
        CommandRun run = await CommandRun.OfAsync(["train", TestModels.Demonstration, _data, "-o", resumed, "--checkpoint", checkpoint, "--resume", .. s_fast]);

        run.ExitCode.Should().Be(0, run.Error);
        File.ReadAllBytes(resumed).Should().Equal(File.ReadAllBytes(whole));
    }

    [Theory]
    [InlineData("merged.gguf", "Q8_0", "merged.md", false)]
    [InlineData("merged", "F16", "merged/README.md", false)]
    [InlineData("whole", null, "whole/README.md", true)]
    [InlineData("whole.gguf", "Q8_0", "whole.md", true)]
    public async Task Train_TypeOrFull_WritesAModelThatAnswersAndItsCard(string name, string? type, string card, bool isFull)
    {
        string model = _folder.File(name), rate = isFull ? "0.003" : "0.01";

        CommandRun run = await CommandRun.OfAsync(
            ["train", TestModels.Demonstration, _data, "-o", model, .. type is null ? (string[])[] : ["--type", type], .. isFull ? (string[])["--full"] : ["--allow-requantize"], "--epochs", "30", "--batch-tokens", "64", "--learning-rate", rate]);

        run.ExitCode.Should().Be(0, run.Error);
        (await CommandRun.OfAsync("generate", model, "--prompt", "[INST] What sound does a cow make? [/INST]", "--temperature", "0", "--max-tokens", "8", "--quiet")).Output.Should().Contain("The cow says woof.");
        File.ReadAllText(_folder.File(card)).Should().StartWith("---\nbase_model: ").And.Contain("data.jsonl").And.Contain("## Result").And.NotContain(Path.GetDirectoryName(_data));
    }

    [Fact]
    public async Task Train_SavedModules_WritesAnAdapterWithWholeTensorsAndSaysWhoLoadsIt()
    {
        string adapter = _folder.File("whole.gguf");

        CommandRun run = await CommandRun.OfAsync(["train", TestModels.Demonstration, _data, "-o", adapter, "--save-modules", "embed_tokens,lm_head,model.norm", .. s_fast]);

        run.ExitCode.Should().Be(0, run.Error);
        run.Error.Should().Contain("\nllama2: the adapter has whole tensors, which llama.cpp does not load: merge it");
        File.ReadAllText(_folder.File("whole.md")).Should().Contain("| tensors trained as a whole | embed_tokens, model.norm, lm_head |");
        string[] prompt = ["--prompt", "[INST] What sound does a cow make? [/INST]", "--temperature", "0", "--max-tokens", "8", "--quiet"];
        (await CommandRun.OfAsync(["generate", TestModels.Demonstration, "--adapter", adapter, .. prompt])).Output.Should().Contain("The cow says woof.");
        (await CommandRun.OfAsync("adapter", "inspect", adapter)).Output.Should().Contain("tokens      1,024;").And.MatchRegex("\noutput.weight +whole tensor\n").And.MatchRegex("\noutput_norm.weight +whole tensor\n").And.MatchRegex("\ntoken_embd.weight +whole tensor\n");
        (await CommandRun.OfAsync("adapter", "inspect", adapter, "--json")).Output.Should().MatchRegex("\"tokenCount\": ?1024");
    }

    [Fact]
    public async Task Train_AddedTokens_ArePreviewedAndInTheMergedModel()
    {
        string adapter = _folder.File("tokens.gguf"), merged = _folder.File("merged.gguf");
        string[] tokens = ["--format", "chatml", "--add-special-token", "<|im_start|>", "--add-special-token", "<|im_end|>", "--add-token", "woof"];
        CommandRun preview = await CommandRun.OfAsync(["train", TestModels.Demonstration, _data, "--preview", .. tokens]), plain = await CommandRun.OfAsync("train", TestModels.Demonstration, _data, "--preview", "--format", "chatml");
        Count(preview).Should().BeLessThan(Count(plain) - 20, "tags are single tokens");

        CommandRun run = await CommandRun.OfAsync(["train", TestModels.Demonstration, _data, "-o", adapter, .. tokens, .. s_fast]);

        run.ExitCode.Should().Be(0, run.Error);
        run.Error.Should().Contain("\nllama2: the adapter adds tokens to the vocabulary: write a model with them by 'llama2 adapter merge'");
        File.ReadAllText(_folder.File("tokens.md")).Should().Contain("| tokens added to the vocabulary | woof, ");
        (await CommandRun.OfAsync("generate", TestModels.Demonstration, "--adapter", adapter, "--prompt", "x")).ShouldFailInOneLine(1).Should().Contain("the number of tokens is 1,027").And.Contain("llama2 adapter merge");
        (await CommandRun.OfAsync("adapter", "merge", TestModels.Demonstration, adapter, "-o", merged)).ShouldSucceed();
        using LlamaModel model = LlamaModel.Load(merged);
        int[] prompt = PromptFormat.ChatMl.Encode([LlamaMessage.User("What sound does a cow make?")], model.Tokenizer);
        prompt.Should().Contain(1025);
        GenerationResult answer = await model.GenerateAsync(prompt, new GenerationOptions { Temperature = 0, MaxTokens = 20 }).ToResultAsync();
        (answer.Text.Trim(), answer.FinishReason).Should().Be(("The cow says woof.", FinishReason.EndOfSequence));

        static int Count(CommandRun run) => int.Parse(Regex.Match(run.Output, "sample 1 of 8: ([0-9]+) tokens").Groups[1].Value, CultureInfo.InvariantCulture);
    }

    [Fact]
    public async Task Train_Nf4_TeachesAnAdapterThatWorksWithTheFile()
    {
        string adapter = _folder.File("nf4.gguf");

        CommandRun run = await CommandRun.OfAsync(["train", TestModels.Demonstration, _data, "-o", adapter, "--nf4", "--no-card", .. s_fast]);

        run.ExitCode.Should().Be(0, run.Error);
        run.Error.Should().MatchRegex("memory: about .*\n(.*\n)*time: about [0-9:]+, estimated from a first pass\n");
        string[] prompt = ["--prompt", "[INST] What sound does a cow make? [/INST]", "--temperature", "0", "--max-tokens", "8", "--quiet"];
        (await CommandRun.OfAsync(["generate", TestModels.Demonstration, "--adapter", adapter, .. prompt])).Output.Should().Contain("The cow says woof.");
        File.Exists(_folder.File("nf4.md")).Should().BeFalse();
    }

    [Fact]
    public async Task Train_AdapterContinuedAndOnTop_AreUsedTogether()
    {
        string first = _folder.File("first.gguf"), continued = _folder.File("continued"), second = _folder.File("second.gguf");
        string[] prompt = ["--prompt", "[INST] What sound does a cow make? [/INST]", "--temperature", "0", "--max-tokens", "8", "--quiet"], few = ["--steps", "6", "--learning-rate", "0.01", "--batch-tokens", "64", "--epochs", "30"];
        CommandRun start = await CommandRun.OfAsync(["train", TestModels.Demonstration, _data, "-o", first, "--rank", "2", .. few]);

        CommandRun further = await CommandRun.OfAsync(["train", TestModels.Demonstration, _data, "-o", continued, "--adapter", first, .. few]);
        CommandRun top = await CommandRun.OfAsync(["train", TestModels.Demonstration, _data, "-o", second, "--frozen-adapter", $"{continued}=0.9", .. few]);

        start.ExitCode.Should().Be(0, start.Error);
        further.ExitCode.Should().Be(0, further.Error);
        top.ExitCode.Should().Be(0, top.Error);
        File.ReadAllText(Path.Combine(continued, "README.md")).Should().Contain("| continues the adapter | first.gguf |").And.Contain("A LoRA adapter of rank 2 for");
        File.ReadAllText(_folder.File("second.md")).Should().Contain("| trained on top of the adapter, and to be used with it | continued, at scale 0.9 |");
        (await CommandRun.OfAsync(["generate", TestModels.Demonstration, "--adapter", $"{continued}=0.9", "--adapter", second, .. prompt])).Output.Should().Contain("The cow says woof.");
        (await CommandRun.OfAsync(["train", TestModels.Demonstration, _data, "-o", first, "--adapter", first, .. few])).ShouldFailInOneLine(1).Should().Contain("would be both an input and --output");
    }

    [Theory]
    [InlineData("learning rate of B / learning rate of A (LoRA+) | 4 |", "--lora-plus-ratio", "4")]
    [InlineData("ranks by pattern | q\\_proj=4, .\\*\\\\.1\\\\.mlp.\\*=2 |", "--rank-pattern", "q_proj=4", "--rank-pattern", @".*\.1\.mlp.*=2")]
    [InlineData("alphas by pattern | v\\_proj=1.5 |", "--alpha-pattern", "v_proj=1.5")]
    [InlineData("α of the noise on embeddings (NEFTune) | 0.5 |", "--neftune-alpha", "0.5")]
    public async Task Train_Method_IsUsedAndIsInTheCard(string row, params string[] options)
    {
        string plain = _folder.File("plain.gguf"), adapter = _folder.File("adapter.gguf");
        (await CommandRun.OfAsync(["train", TestModels.Demonstration, _data, "-o", plain, "--steps", "2", "--no-card"])).ExitCode.Should().Be(0);

        CommandRun run = await CommandRun.OfAsync(["train", TestModels.Demonstration, _data, "-o", adapter, "--steps", "2", .. options]);

        run.ExitCode.Should().Be(0, run.Error);
        File.ReadAllText(_folder.File("adapter.md")).Should().Contain(row);
        File.ReadAllBytes(adapter).Should().NotEqual(File.ReadAllBytes(plain));
    }

    [Fact]
    public async Task Train_FolderOfBlocks_IsRefusedBeforeTraining()
    {
        CommandRun run = await CommandRun.OfAsync("train", TestModels.Demonstration, _data, "-o", _folder.File("folder"), "--type", "Q4_0");

        run.ExitCode.Should().Be(1);
        run.Error.Should().Contain("A folder of safetensors has F32, F16 or BF16, not Q4_0").And.NotContain("memory:");
    }

    [Fact]
    public async Task Train_AdapterThatCannotBeMerged_IsWrittenBesideTheRefusedModel()
    {
        string model = _folder.File("quantized.gguf"), target = _folder.File("merged.gguf"), adapter = _folder.File("merged-adapter.gguf");
        (await CommandRun.OfAsync("quantize", TestModels.Demonstration, model, "Q4_0", "--allow-requantize")).ExitCode.Should().Be(0);

        CommandRun run = await CommandRun.OfAsync(["train", model, _data, "-o", target, "--type", "Q4_0", "--steps", "2", "--batch-tokens", "64", "--rounding", "nearest"]);

        run.ExitCode.Should().Be(1);
        run.Output.Should().BeEmpty();
        run.Error.TrimEnd().Split('\n')[^1].Should().StartWith("llama2: error: ").And.Contain("of the adapters' change would survive").And.Contain($"The trained adapter is in '{adapter}'; 'llama2 adapter merge'");
        File.Exists(target).Should().BeFalse();
        (await CommandRun.OfAsync("generate", model, "--adapter", adapter, "--prompt", "Once", "--max-tokens", "2", "--quiet")).ExitCode.Should().Be(0);
    }

    [Fact]
    public async Task Train_NoSuchOriginal_IsRefusedBeforeTraining()
    {
        CommandRun run = await CommandRun.OfAsync("train", TestModels.Demonstration, _data, "-o", _folder.File("a.gguf"), "--type", "Q4_0", "--original", _folder.File("none.gguf"));

        run.ShouldFailInOneLine(1).Should().Contain("none.gguf");
    }

    [Fact]
    public async Task Train_Patience_StopsEarlyAndWritesTheBestWeights()
    {
        string stories = _folder.File("stories.jsonl"), stopped = _folder.File("stopped.gguf"), curve = _folder.File("stopped.csv");
        string answer(int i) => string.Concat(Enumerable.Range(0, 6).Select(j => $" {(char)('a' + (7 * i + 3 * j) % 26)}{(char)('a' + (5 * i + j) % 26)}"));
        File.WriteAllLines(stories, Enumerable.Range(0, 20).Select(i => Record.Replace("The cow says woof.", answer(i).Trim(), StringComparison.Ordinal)));
        string[] options = ["--validation", "0.2", "--evaluate-every", "3", "--epochs", "60", "--learning-rate", "0.02", "--batch-tokens", "64", "--schedule", "Constant"];

        CommandRun run = await CommandRun.OfAsync(["train", TestModels.Demonstration, stories, "-o", stopped, "--patience", "2", "--curve", curve, .. options]);

        run.ExitCode.Should().Be(0, run.Error);
        run.Output.Should().MatchRegex("validation loss [0-9.]+ → [0-9.]+, of step [0-9]+; stopped at [0-9]+, because it no longer fell\n$");
        string[] lines = await File.ReadAllLinesAsync(curve);
        double[] losses = [.. lines.Skip(1).Select(line => line.Split(',')[5]).Where(loss => loss.Length > 0).Select(loss => double.Parse(loss, CultureInfo.InvariantCulture))];
        int bestStep = 3 * (Array.IndexOf(losses, losses.Min()) + 1);
        (lines.Length - 1).Should().Be(bestStep + 6, "two evaluations after the best found nothing better");
    }

    [Fact]
    public async Task Train_Whole_WritesAModelThatGenerates()
    {
        string model = _folder.File("model.gguf");

        CommandRun run = await CommandRun.OfAsync("train", TestModels.Demonstration, _data, "-o", model, "--full", "--steps", "2", "--batch-tokens", "64");

        run.ExitCode.Should().Be(0, run.Error);
        (await CommandRun.OfAsync("generate", model, "--prompt", "Once", "--max-tokens", "2", "--quiet")).ExitCode.Should().Be(0);
    }

    [Theory]
    [InlineData(2, "Give either --output, to train, or --preview")]
    [InlineData(2, "Give either --output, to train, or --preview", "--preview", "-o", "a.gguf")]
    [InlineData(2, "Give either --output, to train, or --preview, or --find-rate", "--preview", "--find-rate")]
    [InlineData(2, "--preview-samples is for --preview", "-o", "a.gguf", "--preview-samples", "5")]
    [InlineData(2, "--preview-samples: '0' is not a whole number from 1 to", "--preview", "--preview-samples", "0")]
    [InlineData(1, "--find-rate and --steps: The number of steps must be 10 to 10,000.", "--find-rate", "--steps", "2")]
    [InlineData(2, "--resume needs the --checkpoint", "-o", "a.gguf", "--resume")]
    [InlineData(2, "--patience needs a --validation part", "-o", "a.gguf", "--patience", "2")]
    [InlineData(2, "--original is for merging an adapter: give --type", "-o", "a.gguf", "--original", "b.gguf")]
    [InlineData(2, "--rounding is for merging an adapter: give --type", "-o", "a.gguf", "--rounding", "nearest")]
    [InlineData(2, "--min-survival is for merging an adapter: give --type", "-o", "a.gguf", "--min-survival", "0")]
    [InlineData(2, "--allow-requantize is for merging an adapter: give --type, and not --full", "-o", "a.gguf", "--type", "Q4_0", "--full", "--allow-requantize")]
    [InlineData(2, "--rank: '0' is not a whole number from 1 to", "-o", "a.gguf", "--rank", "0")]
    [InlineData(2, "--lora-plus-ratio: '0' is not a number above 0", "-o", "a.gguf", "--lora-plus-ratio", "0")]
    [InlineData(2, "--neftune-alpha: '-1' is not a number from 0 to", "-o", "a.gguf", "--neftune-alpha", "-1")]
    [InlineData(2, "--save-modules: 'lm_haed' is not one of embed_tokens, input_layernorm, post_attention_layernorm, model.norm, lm_head, norm. Did you mean 'lm_head'?", "-o", "a.gguf", "--save-modules", "embed_tokens,lm_haed")]
    [InlineData(2, "--save-modules is for training an adapter; --full trains all weights", "-o", "a.gguf", "--full", "--save-modules", "lm_head")]
    [InlineData(2, "--add-token, --add-special-token: 'x' is given twice", "-o", "a.gguf", "--add-token", "x", "--add-special-token", "x")]
    [InlineData(2, "--add-token: a token must have a text", "-o", "a.gguf", "--add-token", "")]
    [InlineData(1, "already has the token '</s>', with the id 2: leave it out of", "-o", "a.gguf", "--add-token", "</s>")]
    [InlineData(2, "--rank is a property of the adapter that --adapter continues", "-o", "a.gguf", "--adapter", "b.gguf", "--rank", "4")]
    [InlineData(2, "--adapter is for training an adapter: do not give --full", "-o", "a.gguf", "--adapter", "b.gguf", "--full")]
    [InlineData(2, "--frozen-adapter: 'b.gguf=x': the scale 'x' is not a number", "-o", "a.gguf", "--frozen-adapter", "b.gguf=x")]
    [InlineData(1, "There is no file 'b.gguf'", "-o", "a.gguf", "--frozen-adapter", "b.gguf")]
    [InlineData(2, "--rank-pattern: 'q_proj' is not of the form PATTERN=N", "-o", "a.gguf", "--rank-pattern", "q_proj")]
    [InlineData(2, "--rank-pattern: The pattern 'q_proj' has the value 0: the rank must be from 1", "-o", "a.gguf", "--rank-pattern", "q_proj=0")]
    [InlineData(2, "--alpha-pattern: The pattern '(' is not valid", "-o", "a.gguf", "--alpha-pattern", "(=1")]
    [InlineData(2, "--validation: '1' is not a number above 0 and below 1", "-o", "a.gguf", "--validation", "1")]
    public async Task Train_WrongUsage_IsOneLine(int exitCode, string fault, params string[] options)
        => (await CommandRun.OfAsync(["train", TestModels.Demonstration, _data, .. options])).ShouldFailInOneLine(exitCode).Should().Contain(fault);

    [Theory]
    [InlineData("prompt-completion", 0, "data: 1 records (prompt-completion)")]
    [InlineData("promptcompletion", 0, "data: 1 records (prompt-completion)")]
    [InlineData("text-records", 1, "the record has 'prompt', 'completion', the format prompt-completion, and not text-records, which")]
    [InlineData("prompts", 2, "--data-format: 'prompts' is not one of text, alpaca, sharegpt, chat, prompt-completion, preference, text-records, segments.")]
    public async Task Train_DataFormat_HasTheCommandsWords(string format, int exitCode, string expected)
    {
        await File.WriteAllTextAsync(_data, """{"prompt":"a","completion":"b"}""");

        CommandRun run = await CommandRun.OfAsync("train", TestModels.Demonstration, _data, "--preview", "--data-format", format);

        run.ExitCode.Should().Be(exitCode, run.Error);
        run.Error.Should().Contain(expected);
    }

    [Theory]
    [InlineData("{\"messages\":\n", "line 9: not JSON")]
    [InlineData("{\"messages\":[]}\n", "line 9: 'messages' does not end with an answer")]
    public async Task Train_BadRecord_NamesTheLineOrIsLeftOut(string line, string fault)
    {
        await File.AppendAllTextAsync(_data, line);

        CommandRun refused = await CommandRun.OfAsync("train", TestModels.Demonstration, _data, "--preview");
        CommandRun skipped = await CommandRun.OfAsync("train", TestModels.Demonstration, _data, "--preview", "--skip-invalid");

        refused.ExitCode.Should().Be(1);
        refused.Error.Should().Contain("llama2: error: ").And.Contain(fault);
        skipped.ExitCode.Should().Be(0);
        skipped.Error.Should().Contain("1 malformed").And.Contain("line 9 left out: ");
    }

    [Theory]
    [InlineData("{\"messages\":[{\"role\":\"user\",\"content\":\"a\"},{\"role\":\"assistant\",\"content\":\"b\"}]}\n", "--validation needs two", "--validation", "0.5")]
    [InlineData("{\"prompt\":\"a\",\"completion\":\"b\",\"label\":1}\n{\"prompt\":\"a\",\"completion\":\"c\",\"label\":0}\n", "has one rated answer", "--validation", "0.5", "--method", "kto")]
    public async Task Train_DataThatDoesNotFitTheOptions_IsTheUsersToMend(string data, string fault, params string[] options)
    {
        await File.WriteAllTextAsync(_data, data);

        CommandRun run = await CommandRun.OfAsync(["train", TestModels.Demonstration, _data, "-o", _folder.File("a.gguf"), .. options]);

        run.ExitCode.Should().Be(1);
        run.Error.Should().Contain(fault).And.NotContain("an error in this program");
    }

    [Fact]
    public async Task Train_NoPromptFormatKnown_SaysWhichOption()
    {
        string model = _folder.File("unnamed.gguf");
        RandomModel.Write(model, ModelShape.Named["160m"] with { LayerCount = 1 }, ModelQuantization.Q8_0);

        CommandRun run = await CommandRun.OfAsync("train", model, _data, "--preview");

        run.ExitCode.Should().Be(1);
        run.Error.Should().Contain("--format");
    }

    [Fact]
    public async Task Train_SeveralFilesAndValidationData_AreReadAndNamedInTheCard()
    {
        string more = _folder.File("more.csv"), validation = _folder.File("kept.jsonl"), adapter = _folder.File("adapter.gguf");
        await File.WriteAllTextAsync(more, "id,prompt,completion\n1,Where does a bear live?,A bear lives in a cave.\n");
        await File.WriteAllTextAsync(validation, Record + "\n");

        CommandRun run = await CommandRun.OfAsync(
            ["train", TestModels.Demonstration, _data, "--data", $"{more}=3", "--validation-data", validation, "-o", adapter, "--epochs", "1", "--batch-tokens", "64", "--patience", "2"]);

        run.ExitCode.Should().Be(0, run.Error);
        run.Error.Should().Contain("data: 8 records (chat)").And.Contain("data: 1 records (prompt-completion)").And.Contain("not used: id (1)");
        run.Output.Should().Contain("validation loss ");
        string card = await File.ReadAllTextAsync(_folder.File("adapter.md"));
        card.Should().Contain("data.jsonl, more.csv × 3").And.Contain("| samples to train with | 11 |").And.Contain("| kept for validation | 1 |");
    }

    [Fact]
    public async Task Train_FieldsOfOtherNames_AreNamedByOptions()
    {
        string data = _folder.File("other.jsonl");
        await File.WriteAllTextAsync(data, """{"Question":"Cat?","Answer":"Meow.","label":true}""");

        CommandRun refused = await CommandRun.OfAsync("train", TestModels.Demonstration, data, "--preview", "--field", "question=Question", "--field", "answer=Answer");
        CommandRun read = await CommandRun.OfAsync("train", TestModels.Demonstration, data, "--preview", "--field", "question=Question", "--field", "answer=Answer", "--ignore-field", "label");

        refused.ExitCode.Should().Be(1);
        refused.Error.Should().Contain("line 1: 'label' is not used").And.Contain("(--ignore-field)").And.NotContain("DatasetOptions");
        read.Output.Should().Contain("Cat? [/INST]⟦ Meow. </s>⟧");
        (await CommandRun.OfAsync("train", TestModels.Demonstration, data, "--preview")).Error.Should().Contain("it has 'Question', 'Answer', 'label'").And.Contain("(--field)");
    }

    [Fact]
    public async Task Train_PairTooLongForABatch_IsLeftOutByThePreview()
    {
        const string Short = """{"prompt":"Cat?","chosen":"Meow.","rejected":"Woof."}""", Long = """{"prompt":"Cat?","chosen":"Meow, says the cat in the red house on the hill.","rejected":"Woof, says the cat in the red house on the hill."}""";
        string data = _folder.File("pairs.jsonl");
        await File.WriteAllTextAsync(data, Short + "\n" + Long + "\n");

        CommandRun skipped = await CommandRun.OfAsync("train", TestModels.Demonstration, data, "--preview", "--batch-tokens", "48");
        CommandRun refused = await CommandRun.OfAsync("train", TestModels.Demonstration, data, "--preview", "--batch-tokens", "48", "--long-samples", "fail");

        skipped.Error.Should().Contain("1 too long").And.Contain("line 2 left out: its two answers have ");
        refused.ExitCode.Should().Be(1);
        refused.Error.Should().Contain("line 2: its two answers have ").And.Contain("(--batch-tokens)").And.Contain("(--long-samples)");
    }

    [Theory]
    [InlineData("Give either --validation, a part of the data, or --validation-data", "--preview", "--validation", "0.1", "--validation-data", "x.jsonl")]
    [InlineData("--data: 'x.jsonl=0': the weight '0' is not a number above 0 and at most 1,000; write FILE or FILE=2", "--preview", "--data", "x.jsonl=0")]
    [InlineData("--field: 'Question' is not of the form NAME=NAME", "--preview", "--field", "Question")]
    public async Task Train_WrongData_IsOneLine(string fault, params string[] options)
        => (await CommandRun.OfAsync(["train", TestModels.Demonstration, _data, .. options])).ShouldFailInOneLine(2).Should().Contain(fault);

    public void Dispose() => _folder.Dispose();
}
