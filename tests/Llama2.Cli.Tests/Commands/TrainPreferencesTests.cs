using System.Globalization;
using System.Text.RegularExpressions;

namespace Llama2.Cli.Tests.Commands;

/// <summary><c>llama2 train</c> with preferences.</summary>
public sealed class TrainPreferencesTests : IDisposable
{
    private const string Pair = """{"prompt":"What sound does a cow make?","chosen":"The cow says moo.","rejected":"The cow says woof, woof."}""";
    private const string Good = """{"prompt":"What sound does a cow make?","completion":"The cow says moo.","label":true}""";
    private const string Bad = """{"instruction":"Where does a bear live?","output":"A bear lives in a tree.","kto_tag":false}""";

    private static readonly string[] s_fast = ["--epochs", "4", "--learning-rate", "0.001", "--batch-tokens", "96"];

    private readonly TemporaryFolder _folder = new();
    private readonly string _pairs;

    public TrainPreferencesTests() => File.WriteAllText(_pairs = _folder.File("pairs.jsonl"), string.Concat(Enumerable.Repeat(Pair + "\n", 8)));

    [Theory]
    [InlineData("dpo", "- dpo\n", "preferred")]
    [InlineData("dpo", "All weights of", "preferred", "--method", "dpo", "--full")]
    [InlineData("orpo", "by odds ratio preference optimization", "preferred", "--method", "orpo", "--beta", "0.2")]
    [InlineData("simpo", "| target margin, as a fraction of β | 0.25 |", "preferred", "--method", "simpo", "--margin-ratio", "0.25")]
    [InlineData("kto", "| weights of desirable and undesirable answers | 1, 1.2 |", "KL", "--method", "kto", "--undesirable-weight", "1.2")]
    public async Task Train_Pairs_ReportsRewardsThatMoveApart(string method, string card, string figure, params string[] options)
    {
        string output = _folder.File("output.gguf"), curve = _folder.File("curve.csv");

        CommandRun run = await CommandRun.OfAsync(["train", TestModels.Demonstration, _pairs, "-o", output, "--curve", curve, .. s_fast, .. options]);

        run.ExitCode.Should().Be(0, run.Error);
        run.Error.Should().MatchRegex("\nstep 1 of [0-9]+, loss [0-9.]+, rewards .*, [0-9,]+ tokens/s, ");
        run.Output.Should().MatchRegex($"\nrewards chosen -?[0-9.]+, rejected -?[0-9.]+, margin [0-9.]+, {figure} [0-9.]+.* \\(means of the last [0-9]+ steps\\)\n");
        string[][] rows = [.. (await File.ReadAllLinesAsync(curve)).Select(line => line.Split(','))];
        rows[0][6..].Should().Equal("reward_chosen", "reward_rejected", "reward_margin", "reward_accuracy", "kl");
        double[] margins = [.. rows.Skip(1).Where(row => row[8].Length > 0).Select(row => double.Parse(row[8], CultureInfo.InvariantCulture))];
        margins[^1].Should().BeGreaterThan(margins[0]).And.BePositive();
        rows.Skip(1).Should().OnlyContain(row => row.Length == 11 && (row[9].Length > 0) == (method != "kto") && (row[10].Length > 0) == (method == "kto"));
        (await File.ReadAllTextAsync(_folder.File("output.md"))).Should().Contain(card).And.Contain($"- {method}\n");
    }

    [Fact]
    public async Task Train_Ratings_AreLearnedByKtoOnly()
    {
        string data = _folder.File("ratings.jsonl"), alpaca = _folder.File("alpaca.json"), output = _folder.File("output.gguf");
        await File.WriteAllTextAsync(data, string.Concat(Enumerable.Repeat(Good + "\n", 6)));
        await File.WriteAllTextAsync(alpaca, string.Concat(Enumerable.Repeat(Bad + "\n", 6)));
        string[] kto = ["train", TestModels.Demonstration, data, "--data", alpaca, "--method", "kto"];

        CommandRun preview = await CommandRun.OfAsync([.. kto, "--preview"]);
        CommandRun run = await CommandRun.OfAsync([.. kto, "-o", output, .. s_fast]);
        CommandRun refused = await CommandRun.OfAsync("train", TestModels.Demonstration, data, "--preview");
        CommandRun unrated = await CommandRun.OfAsync("train", TestModels.Demonstration, await Write("a.jsonl", """{"prompt":"a","completion":"b"}"""), "--preview", "--method", "kto");

        preview.Output.Should().StartWith("-- sample 1 of 12, desirable: ").And.Contain("⟦ The cow says moo. </s>⟧");
        run.ExitCode.Should().Be(0, run.Error);
        run.Output.Should().Contain("\nrewards chosen ").And.Contain(", KL ");
        refused.ExitCode.Should().Be(1);
        refused.Error.Should().Contain("line 1: 'label' is not used: a rating of the answer, which only KTO learns (--method kto)");
        unrated.ExitCode.Should().Be(1);
        unrated.Error.Should().Contain("line 1: 'label' is missing, the rating that KTO learns");
    }

    [Fact]
    public async Task Train_LongPairs_AreLeftOutUnlessKtoLearnsTheirAnswersSeparately()
    {
        string[] preview = ["train", TestModels.Demonstration, _pairs, "--preview", "--batch-tokens", "32"];

        (await CommandRun.OfAsync(preview)).Error.Should().Contain("its two answers have ");
        (await CommandRun.OfAsync([.. preview, "--method", "kto"])).Output.Should().Contain("-- pair 1 of ");
    }

    [Fact]
    public async Task Train_AnotherMethodThanTheCheckpoint_IsRefused()
    {
        string[] train = ["train", TestModels.Demonstration, _pairs, "-o", _folder.File("output.gguf"), "--checkpoint", _folder.File("state.bin"), "--steps", "1", .. s_fast];
        (await CommandRun.OfAsync([.. train, "--method", "orpo"])).ExitCode.Should().Be(0);

        (await CommandRun.OfAsync([.. train, "--method", "simpo", "--resume", "--force"])).Error.Should().Contain("was made with other options");
    }

    [Theory]
    [InlineData("has preferences, and --full changes the model", "PAIRS", "-o", "a.gguf", "--full")]
    [InlineData("has no pairs of answers, from which --method orpo learns", "SAMPLE", "--preview", "--method", "orpo")]
    [InlineData("has no pairs of answers, from which --method dpo learns", "SAMPLE", "--preview", "--beta", "0.2")]
    [InlineData("has one rated answer, and --method kto needs two or more", "RATED", "--preview", "--method", "kto")]
    public async Task Train_DataThatAreNotOfTheMethod_AreRefusedBeforeTraining(string fault, string data, params string[] options)
    {
        string path = data switch
        {
            "PAIRS" => _pairs,
            "RATED" => await Write("rated.jsonl", Good),
            _ => await Write("samples.jsonl", """{"prompt":"a","completion":"b"}"""),
        };

        CommandRun run = await CommandRun.OfAsync(["train", TestModels.Demonstration, path, .. options.Select(option => option == "a.gguf" ? _folder.File(option) : option)]);

        run.ExitCode.Should().Be(1);
        Regex.Count(run.Error, "llama2: error: ").Should().Be(1);
        run.Error.Should().Contain(fault).And.NotContain("step 1").And.NotContain("an error in this program");
    }

    [Theory]
    [InlineData("--margin-ratio is for --method simpo", "--margin-ratio", "0.5")]
    [InlineData("--desirable-weight is for --method kto", "--desirable-weight", "2", "--method", "dpo")]
    [InlineData("--beta: '0' is not a number above 0", "--beta", "0")]
    [InlineData("--method: 'ppo' is not one of dpo, orpo, simpo, kto", "--method", "ppo")]
    public async Task Train_WrongUsage_IsOneLine(string fault, params string[] options)
        => (await CommandRun.OfAsync(["train", TestModels.Demonstration, _pairs, "--preview", .. options])).ShouldFailInOneLine(2).Should().Contain(fault);

    public void Dispose() => _folder.Dispose();

    private async Task<string> Write(string name, string text)
    {
        await File.WriteAllTextAsync(_folder.File(name), text + "\n");
        return _folder.File(name);
    }
}
