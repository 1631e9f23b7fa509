using System.Text.RegularExpressions;
using Llama2.Cli.Terminal;

namespace Llama2.Cli.Tests.Training;

/// <summary>An error about a value of a recipe names the recipe, the line, the key, the value and what is allowed, wherever the value is checked.</summary>
public sealed partial class RecipeValueTests : IDisposable
{
    // A value of each key that is refused: by the option, by a check of several options, or when it is used. The last line is at fault.
    private static readonly (string Lines, string Fault)[] s_refused =
    [
        ("model: none.gguf", "There is no file 'F/none.gguf'; correct the name, which is relative to the recipe's folder."),
        ("data: none.jsonl", "There is no file 'F/none.jsonl'; correct the name"),
        ("data: [data.jsonl, 'data.jsonl=x']", "'F/data.jsonl=x': the weight 'x' is not a number above 0 and at most 1,000; write FILE or FILE=2."),
        ("output: none/a.gguf", "There is no folder 'F/none' to write 'F/none/a.gguf' in."),
        ("output: data.jsonl.gguf\ntype: Q9", "--type: 'Q9' is not one of F32, F16,"),
        ("type: F16\noriginal: none.gguf", "There is no file 'F/none.gguf'; correct the name"),
        ("original: none.gguf", "--original is for merging an adapter: give --type"),
        ("allow-requantize: maybe", "'maybe' is not true or false; write one of them."),
        ("rounding: up", "--rounding: 'up' is not one of adapters, nearest."),
        ("min-survival: 2", "--min-survival: '2' is not a number from 0 to 1."),
        ("no-card: 3", "'3' is not true or false"),
        ("no-card: true\nbase-model: x", "--base-model is for the model card, which --no-card does not write."),
        ("no-card: true\nlicense: x", "--license is for the model card, which --no-card does not write."),
        ("curve: c.png", "'F/c.png' has the ending of a picture, but pictures can be written only as SVG: use the ending .svg"),
        ("force: 1", "'1' is not true or false"),
        ("preview: 1", "'1' is not true or false"),
        ("preview-samples: 0", "--preview-samples: '0' is not a whole number from 1 to"),
        ("find-rate: 1", "'1' is not true or false"),
        ("format: chatty", "--format: 'chatty' is not one of llama-2,"),
        ("data-format: prose", "--data-format: 'prose' is not one of text, alpaca,"),
        ("field: prompt", "--field: 'prompt' is not of the form NAME=NAME"),
        ("role: { usr: Customer }", "--role: 'Customer' means 'usr', which is not one of system, user, assistant, tool and function_call."),
        ("ignore-field: ~", "the value of 'ignore-field' is empty; remove the line, or give a value."),
        ("skip-invalid: 1", "'1' is not true or false"),
        ("long-samples: cut", "--long-samples: 'cut' is not one of skip, truncate, fail."),
        ("validation: 2", "--validation: '2' is not a number above 0 and below 1."),
        ("validation-data: none.jsonl", "There is no file 'F/none.jsonl'; correct the name"),
        ("epochs: 1.5", "--epochs: '1.5' is not a whole number from 1 to 100,000."),
        ("steps: 0", "--steps: '0' is not a whole number from 1 to"),
        ("learning-rate: -1", "--learning-rate: '-1' is not a number above 0."),
        ("schedule: square", "--schedule: 'square' is not one of cosine, linear, constant."),
        ("final-rate: 2", "--final-rate: '2' is not a number from 0 to 1."),
        ("warmup: 2", "--warmup: '2' is not a number from 0 to 1."),
        ("beta1: 1", "--beta1: '1' is not a number of at least 0 and below 1."),
        ("beta2: 1", "--beta2: '1' is not a number of at least 0 and below 1."),
        ("weight-decay: -1", "--weight-decay: '-1' is not a number from 0 to 1."),
        ("clip: 0", "--clip: '0' is not a number above 0."),
        ("rank: 0", "--rank: '0' is not a whole number from 1 to 1,024."),
        ("alpha: 0", "--alpha: '0' is not a number above 0."),
        ("rslora: 2", "'2' is not true or false"),
        ("dora: 2", "'2' is not true or false"),
        ("targets: [q_proj, v]", "--targets: 'v' is not one of all, q_proj,"),
        ("lora-plus-ratio: 0", "--lora-plus-ratio: '0' is not a number above 0"),
        ("dropout: 1", "--dropout: '1' is not a number from 0 to 0.9."),
        ("rank-pattern: q_proj=0", "--rank-pattern: The pattern 'q_proj' has the value 0: the rank must be from 1 to 1,024."),
        ("rank-pattern: nothing=4", "The pattern 'nothing' of the ranks (--rank-pattern) matches no adapted matrix."),
        ("alpha-pattern: q_proj=x", "--alpha-pattern: 'q_proj=x' is not of the form PATTERN=A."),
        ("adapter: none.gguf", "There is no file 'F/none.gguf'; correct the name"),
        ("frozen-adapter: a.gguf=x", "--frozen-adapter: 'F/a.gguf=x': the scale 'x' is not a number from -100 to 100; write PATH or PATH=0.5."),
        ("neftune-alpha: -1", "--neftune-alpha: '-1' is not a number from 0 to 1000."),
        ("full: 1", "'1' is not true or false"),
        ("method: ppo", "--method: 'ppo' is not one of dpo, orpo, simpo, kto."),
        ("beta: 0", "--beta: '0' is not a number above 0."),
        ("margin-ratio: 1", "--margin-ratio is for --method simpo."),
        ("desirable-weight: 0", "--desirable-weight: '0' is not a number above 0."),
        ("undesirable-weight: 1", "--undesirable-weight is for --method kto."),
        ("batch-tokens: 1", "--batch-tokens: '1' is not a whole number from 16 to"),
        ("batches-per-step: 0", "--batches-per-step: '0' is not a whole number from 1 to 65,536."),
        ("keep-activations: 2", "'2' is not true or false"),
        ("nf4: 2", "'2' is not true or false"),
        ("8-bit-optimizer: 2", "'2' is not true or false"),
        ("evaluate-every: 0", "--evaluate-every: '0' is not a whole number from 1 to"),
        ("patience: 2", "--patience needs a --validation part of the data"),
        ("seed: -1", "--seed: '-1' is not a whole number from 0 to"),
        ("checkpoint: data.jsonl", "'F/data.jsonl' would be both an input and --checkpoint: give another name."),
        ("checkpoint-every: 5", "--checkpoint-every needs the --checkpoint to write."),
        ("threads: 0", "--threads: '0' is not a whole number from 1 to 1,024."),
        ("save-modules: q_proj", "--save-modules: 'q_proj' is not one of embed_tokens, input_layernorm, post_attention_layernorm, model.norm, lm_head, norm."),
        ("train-tokens: a", "--train-tokens: 'a' is not of the form [MODULE=]ID,ID…, where MODULE is embed_tokens or lm_head."),
        ("train-tokens: 1023,1024", "The model has 1,024 tokens, so the token 1,024 has no rows that can be trained (--train-tokens)."),
        ("add-token: the", "already has the token 'the', with the id 572: leave it out"),
        ("add-special-token: </s>", "already has the token '</s>', with the id 2: leave it out"),
        ("resume: true", "--resume needs the --checkpoint from which to continue."),
        ("resume: true\ncheckpoint: none.bin", "There is no file 'F/none.bin'; correct the name"),
        ("extend: true", "--extend needs the --checkpoint from which to continue."),
        ("log: none/x.jsonl", "There is no folder 'F/none' to write 'F/none/x.jsonl' in."),
        ("tensorboard: a.gguf", "'F/a.gguf' is a file; name a folder for the log for TensorBoard."),
        ("sample-prompt: []", "the value of 'sample-prompt' is empty; remove the line, or give a value."),
        ("sample-tokens: 0", "--sample-tokens: '0' is not a whole number from 1 to"),
    ];

    private readonly TemporaryFolder _folder = new();

    public RecipeValueTests()
    {
        File.WriteAllText(_folder.File("data.jsonl"), """{"prompt":"Say 1.","completion":"It is 1."}""");
        File.WriteAllText(_folder.File("a.gguf"), "");
    }

    public static TheoryData<string, string> Refused
    {
        get
        {
            var data = new TheoryData<string, string>();
            foreach ((string lines, string fault) in s_refused)
                data.Add(lines, fault);
            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Refused))]
    public async Task Train_RefusedValue_NamesLineKeyValueAndWhatIsAllowed(string lines, string fault)
    {
        List<string> recipe = [$"model: {TestModels.Demonstration}", "data: data.jsonl", "output: out.gguf", "steps: 1", "batch-tokens: 64", "format: llama-2"];
        string[] own = lines.Split('\n');
        recipe.RemoveAll(line => own.Any(other => other.Split(':')[0] == line.Split(':')[0]));
        File.WriteAllLines(_folder.File("recipe.yaml"), [.. recipe, .. own]);
        string[] last = own[^1].Split(": ", 2);

        CommandRun run = await CommandRun.OfAsync("train", _folder.File("recipe.yaml"));

        run.ExitCode.Should().BeOneOf(ExitCodes.Failure, ExitCodes.WrongUsage);
        string error = run.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries)[^1];
        error.Should().StartWith($"llama2: error: The recipe '{_folder.File("recipe.yaml")}', line {recipe.Count + own.Length}")
            .And.Contain(fault.Replace("F/", _folder.Path + "/", StringComparison.Ordinal).Replace("'F", "'" + _folder.Path, StringComparison.Ordinal)).And.Contain(last[0]);
        if (!fault.EndsWith("or give a value.", StringComparison.Ordinal))
            error.Should().Contain(last[1].Trim('[', ']', '{', '}', ' ').Split(':', ',')[^1].Trim(' ', '\'').Split('=')[0]);
    }

    [Fact]
    public async Task Refused_Keys_AreAllOfTheCommand()
    {
        IEnumerable<string> options = Option().Matches((await CommandRun.OfAsync("train", "--help")).Output).Select(match => match.Groups[1].Value).Except(["help"]);

        s_refused.Select(row => row.Lines.Split('\n')[^1].Split(':')[0]).Distinct().Should().BeEquivalentTo([.. options, "model"]);
    }

    [Fact]
    public async Task Train_FaultInTheData_NamesTheDataAndTheirLine()
    {
        File.WriteAllText(_folder.File("data.jsonl"), """{"prompt":"Say 1.","completion":"It is 1.","label":true}""");
        File.WriteAllText(_folder.File("recipe.yaml"), $"model: {TestModels.Demonstration}\ndata: data.jsonl\npreview: true\nformat: llama-2\n");

        (await CommandRun.OfAsync("train", _folder.File("recipe.yaml"))).Error.Should().Contain($"llama2: error: '{_folder.File("data.jsonl")}', line 1: 'label' is not used");
    }

    [Fact]
    public async Task Train_ValueThatTheCommandLineReplaces_IsNotBlamed()
    {
        File.WriteAllText(_folder.File("recipe.yaml"), $"model: {TestModels.Demonstration}\ndata: data.jsonl\npreview: true\nvalidation-data: none.jsonl\n");

        string error = (await CommandRun.OfAsync("train", _folder.File("recipe.yaml"), "--validation-data", _folder.File("none.jsonl"))).ShouldFailInOneLine(ExitCodes.Failure);

        error.TrimEnd().Should().Be($"llama2: error: There is no file '{_folder.File("none.jsonl")}'.");
    }

    public void Dispose() => _folder.Dispose();

    [GeneratedRegex("^  (?:-., )*--([a-z0-9-]+)", RegexOptions.Multiline)]
    private static partial Regex Option();
}
