using System.Globalization;
using System.Text.RegularExpressions;
using Llama2.Cli.Terminal;
using Llama2.Tests;

namespace Llama2.Cli.Tests.Training;

/// <summary>A recipe is the command line in a file: the same training, checked with the recipe's lines.</summary>
public sealed class TrainingRecipeTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public TrainingRecipeTests()
    {
        Directory.CreateDirectory(_folder.File("inner"));
        File.WriteAllText(_folder.File("inner/data.jsonl"), string.Concat(Enumerable.Range(0, 12).Select(i => $$"""{"prompt":"Say {{i}}.","completion":"It is {{i}}."}""" + "\n")));
        File.Copy(_folder.File("inner/data.jsonl"), _folder.File("inner/more.jsonl"));
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Train_Recipe_TrainsAsTheSameOptionsDo()
    {
        string recipe = Write($"""
            model: {TestModels.Demonstration}
            data: [data.jsonl=2, more.jsonl]   # relative to the recipe
            output: by-recipe.gguf
            no-card: true
            nf4: false
            targets:
              - q_proj
              - v_proj
            rank: 2
            learning-rate: 1e-3
            schedule: "linear"
            steps: 3
            batch-tokens: 64
            keep-activations: false
            field: # names of the form, and of the file
              prompt: prompt
            """);
        string straight = _folder.File("straight.gguf"), data = _folder.File("inner/data.jsonl");

        CommandRun run = await CommandRun.OfAsync("train", recipe);
        CommandRun same = await CommandRun.OfAsync(
            "train", TestModels.Demonstration, $"{data}=2", "--data", _folder.File("inner/more.jsonl"), "-o", straight, "--no-card", "--targets", "q_proj,v_proj", "--rank", "2", "--learning-rate", "1e-3", "--schedule", "linear", "--steps", "3", "--batch-tokens", "64");

        run.ExitCode.Should().Be(0, run.Error);
        run.Error.Should().Contain("(computed again)");
        same.ExitCode.Should().Be(0, same.Error);
        File.ReadAllBytes(_folder.File("inner/by-recipe.gguf")).Should().Equal(File.ReadAllBytes(straight));
    }

    [Fact]
    public async Task Train_RecipeAndOptions_TakesTheOptions()
    {
        string recipe = Write($"""
            model: {TestModels.Demonstration}
            data: data.jsonl
            output: by-recipe.gguf
            validation: 0.25
            steps: 100000
            epochs: 100000
            evaluate-every: 1
            learning-rate: 5
            batch-tokens: 64
            no-card: true
            """);
        string adapter = _folder.File("a.gguf"), other = _folder.File("b.gguf");
        File.Copy(TestModels.Demonstration, _folder.File("model.gguf"));

        CommandRun run = await CommandRun.OfAsync("train", recipe, "-o", adapter, "--steps", "2", "--learning-rate", "0.001", "--validation-data", _folder.File("inner/more.jsonl"));
        CommandRun positional = await CommandRun.OfAsync("train", recipe, _folder.File("model.gguf"), _folder.File("inner/more.jsonl"), "--steps=2", "--no-card", "-o", other);
        CommandRun preview = await CommandRun.OfAsync("train", recipe, "--preview");

        run.ExitCode.Should().Be(0, run.Error);
        run.Error.Should().Contain("step 2 of 2,").And.MatchRegex("(data: 12 records.*\n){2}", "data of its own replaces the part");
        File.Exists(_folder.File("inner/by-recipe.gguf")).Should().BeFalse();
        positional.ExitCode.Should().Be(0, positional.Error);
        File.Exists(other).Should().BeTrue();
        preview.Output.Should().StartWith("-- sample 1 of 9: ", preview.Error);
    }

    [Theory]
    [InlineData("epochs: 3\nlearning_rate: 1e-4", "line 2: there is no option 'learning_rate'; did you mean 'learning-rate'?")]
    [InlineData("additional_target: embed_tokens,norm", "line 1: there is no option 'additional_target'; did you mean 'save-modules'?")]
    [InlineData("lora_modules_to_save: [embed_tokens, norm]", "line 1: there is no option 'lora_modules_to_save'; did you mean 'save-modules'?")]
    [InlineData("modell: a.gguf", "line 1: there is no option 'modell'; did you mean 'model'?")]
    [InlineData("entirely-unknown: 1", "line 1: there is no option 'entirely-unknown'; 'llama2 train --help' lists the options.")]
    [InlineData("\n\nrank: 0", "line 3: --rank: '0' is not a whole number from 1 to")]
    [InlineData("rank: [1, 2]", "line 1, 'rank: 1, 2': 2 values are given, and it takes one; keep one.")]
    [InlineData("schedule: square", "line 1: --schedule: 'square' is not one of cosine, linear, constant.")]
    [InlineData("nf4: perhaps", "line 1, 'nf4: perhaps': 'perhaps' is not true or false; write one of them.")]
    [InlineData("nf4: [true, true]", "line 1, 'nf4: true, true': 2 values are given")]
    [InlineData("keep-activations: sometimes", "line 1, 'keep-activations: sometimes': 'sometimes' is not true or false")]
    [InlineData("epochs: 1\nrank: 2\nepochs: 3", "line 3: 'epochs' is already in line 1.")]
    [InlineData("epochs:", "line 1: the value of 'epochs' is empty; remove the line, or give a value.")]
    [InlineData("epochs: ~", "line 1: the value of 'epochs' is empty")]
    [InlineData("data: []", "line 1: the value of 'data' is empty")]
    [InlineData("data:\n- a\n- [b]", "line 3: an item of the value of 'data' is a list; write a text or a number.")]
    [InlineData("data: &all a.jsonl\nvalidation-data: *all", "line 1: an anchor ('&name') or a tag ('!name') is not supported")]
    [InlineData("data: *all", "line 1: the value of 'data' is an alias ('*name'), which is not supported in a recipe; write the value itself.")]
    [InlineData("epochs: !!int 3", "line 1: an anchor ('&name') or a tag ('!name') is not supported")]
    [InlineData("- epochs", "line 1: a recipe is a map")]
    [InlineData("", "is empty")]
    [InlineData("a: [\n", "the YAML is malformed")]
    [InlineData("epochs: 1\n---\nepochs: 2\n", "line 2: a second document begins")]
    [InlineData("help: true", "there is no option 'help'")]
    [InlineData("epochs: 3", "names no model: add 'model: FILE'")]
    [InlineData("model: a.gguf", "names no data: add 'data: FILE'")]
    [InlineData("model: [a.gguf, b.gguf]\ndata: a", "line 1, 'model: a.gguf, b.gguf': 2 values are given")]
    public async Task Train_FaultyRecipe_NamesTheLine(string text, string fault) =>
        (await CommandRun.OfAsync("train", Write(text))).ShouldFailInOneLine(ExitCodes.Failure).Should().Contain(fault);

    [Fact]
    public async Task Train_HostileRecipe_IsRefusedAtOnce()
    {
        string recipe = Write(new string('[', RecipeSize));
        (await CommandRun.OfAsync("train", recipe)).ShouldFailInOneLine(ExitCodes.Failure);

        Write("data: [" + string.Concat(Enumerable.Repeat("a,", 2000)) + "]");
        (await CommandRun.OfAsync("train", recipe)).ShouldFailInOneLine(ExitCodes.Failure).Should().Contain("more than 1,000 values");

        Write(new string('#', RecipeSize + 1));
        (await CommandRun.OfAsync("train", recipe)).ShouldFailInOneLine(ExitCodes.Failure).Should().Contain("has more than 65,536 bytes");

        File.WriteAllBytes(recipe, [0x61, 0x3A, 0xFF]);
        (await CommandRun.OfAsync("train", recipe)).ShouldFailInOneLine(ExitCodes.Failure).Should().Contain("is not in UTF-8");

        (await CommandRun.OfAsync("train", _folder.File("none.yaml"))).ShouldFailInOneLine(ExitCodes.Failure).Should().Contain("There is no file");
    }

    [Fact]
    public async Task Train_WrongOptionAfterTheRecipe_IsWrongUsage() =>
        (await CommandRun.OfAsync("train", Write("model: a\ndata: b\noutput: c.gguf"), "--epohcs", "3")).ShouldFailInOneLine(ExitCodes.WrongUsage).Should().Contain("Did you mean '--epochs'?");

    [Fact]
    public async Task Train_RecipeAndHelp_IsTheHelp() =>
        (await CommandRun.OfAsync("train", "none.yaml", "--help")).Output.Should().Contain("--learning-rate");

    // Seven billion parameters in Q4_K_M. A recipe may take three quarters of the machine's memory; what is printed is what training takes.
    [UnixTheory]
    [InlineData("llama-2-7b-16gb.yaml", 16, 8.9, 5.2)]
    [InlineData("llama-2-7b-16gb-preferences.yaml", 16, 13.0, 5.7)]
    [InlineData("llama-2-7b-32gb.yaml", 32, 15.3, 8.0)]
    public async Task Train_ReadyRecipe_FitsIntoTheMemoryThatItNames(string name, int gigabytes, double kept, double again)
    {
        string recipe = RepositoryFiles.Committed("samples", "recipes", name), model = _folder.File("zeros.gguf"), data = _folder.File("inner/data.jsonl");
        SparseModel.Write(model);
        if (name.Contains("preferences", StringComparison.Ordinal))
            File.WriteAllText(data, """{"prompt":"Say 1.","chosen":"1","rejected":"2"}""" + "\n" + """{"prompt":"Say 2.","chosen":"2","rejected":"1"}""");
        string[] command = ["train", recipe, model, data, "--preview", "--format", "llama-2", "--threads", "2"];

        double keeps = Memory(await CommandRun.OfAsync([.. command, "--keep-activations"])), computes = Memory(await CommandRun.OfAsync([.. command, "--keep-activations", "false"]));

        (keeps, computes).Should().Be((kept, again), "the recipes state it");
        double budget = 0.75 * gigabytes * 1e9 / (1L << 30);
        (File.ReadAllText(recipe).Contains("keep-activations: false", StringComparison.Ordinal) ? computes : keeps).Should().BeLessThan(budget);
        File.ReadAllText(recipe).Should().Contain(string.Create(CultureInfo.InvariantCulture, $"about {(name.Contains("preferences", StringComparison.Ordinal) ? again : kept):F1} GiB"));

        static double Memory(CommandRun run)
        {
            run.ExitCode.Should().Be(0, run.Error);
            return Math.Round(double.Parse(Regex.Match(run.Error, "memory: about ([0-9,]+) MiB").Groups[1].ValueSpan, CultureInfo.InvariantCulture) / 1024, 1);
        }
    }

    [Fact]
    public async Task Train_SampleRecipe_TeachesTheSailor()
    {
        string adapter = _folder.File("sailor.gguf");

        CommandRun run = await CommandRun.OfAsync("train", RepositoryFiles.Committed("samples", "recipes", "storyteller.yaml"), "-o", adapter);

        run.ExitCode.Should().Be(0, run.Error);
        Match losses = Regex.Match(run.Output, "validation loss ([0-9.]+) → ([0-9.]+), of step");
        double.Parse(losses.Groups[2].ValueSpan, CultureInfo.InvariantCulture).Should().BeLessThan(double.Parse(losses.Groups[1].ValueSpan, CultureInfo.InvariantCulture) / 2);
    }

    [Fact]
    public void Documentation_Recipe_IsTheSample()
    {
        string documented = Regex.Match(File.ReadAllText(RepositoryFiles.Committed("docs", "finetuning.md")), "```yaml\n(.*?)```", RegexOptions.Singleline).Groups[1].Value;

        documented.Should().StartWith("model: ");
        File.ReadAllText(RepositoryFiles.Committed("samples", "recipes", "storyteller.yaml")).Should().EndWith(documented);
    }

    private const int RecipeSize = 1 << 16;

    private string Write(string text)
    {
        string path = _folder.File("inner/recipe.yaml");
        File.WriteAllText(path, text);
        return path;
    }
}
