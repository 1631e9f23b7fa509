using System.CommandLine;
using Llama2.Cli.Benchmarking;
using Llama2.Cli.Input;
using Llama2.Cli.Options;
using Llama2.Cli.Terminal;

namespace Llama2.Cli.Commands;

/// <summary><c>llama2 bench</c>: measures a model's speed and memory on this machine.</summary>
internal sealed class BenchCommand(ConsoleHost host)
{
    public const string Examples = """
        llama2 bench model.gguf
          llama2 bench model.gguf --prompt 512 --generate 128 --repeat 5 --threads 8
          llama2 bench model.gguf --prompt 256,1024 --depth 1024
          llama2 bench model.gguf --sessions 4 --prompt 1024
          llama2 bench model.gguf --panels create
          llama2 bench model.gguf --text article.txt --generate 200 --draft small.gguf
          llama2 bench model.gguf --json | jq .decode_tokens_per_second.median
        """;

    private static readonly BenchmarkPlan s_defaults = new();

    private readonly Argument<string> _model = InputPath.Argument("MODEL", $"The model: {InputPath.AnyModel}.");
    private readonly Option<int?> _threads = ModelLoading.ThreadsOption();
    private readonly Option<KeyValueCacheType?> _cacheType = ModelLoading.CacheTypeOption();
    private readonly PanelFileOptions _panelFile = new();

    private readonly Option<int[]> _prompt = NumberOption.CreateList<int>(
        "--prompt", "N", "The number of tokens of the prompt; several numbers, separated by commas, for several prompts.",
        value => s_defaults with { PromptTokenCounts = [value] }, [.. s_defaults.PromptTokenCounts]);

    private readonly Option<int?> _depth = NumberOption.Create<int>(
        "--depth", "N", "The number of context tokens at which generation is measured. Default: the length of each prompt.",
        value => s_defaults with { DepthTokenCount = value });

    private readonly Option<RopeScaling?> _ropeScaling = RopeScalingOption.Create();

    private readonly Option<int?> _generate = NumberOption.Create<int>(
        "--generate", "N", "Tokens to generate, 2 or more.", value => s_defaults with { GeneratedTokenCount = value }, s_defaults.GeneratedTokenCount);

    private readonly Option<int?> _repeat = NumberOption.Create<int>(
        "--repeat", "N", "The number of measured runs, after a warm-up run.", value => s_defaults with { RepeatCount = value }, s_defaults.RepeatCount);

    private readonly Option<int?> _sessions = NumberOption.Create<int>(
        "--sessions", "N", "Also measures this number of concurrent generations: alone, and while a prompt of --prompt tokens is computed.",
        value => s_defaults with { SessionCount = value });

    private readonly Option<string?> _text = new("--text")
    {
        Description = "A text file in UTF-8; also measures how fast the text is continued, with and without guesses of the next tokens.",
        HelpName = "FILE",
    };

    private readonly Option<string?> _draft = ModelLoading.DraftOption();

    private readonly Option<bool> _json = new("--json") { Description = "Writes one JSON object instead of a table." };

    public Command Create()
    {
        var command = new Command("bench", "Measures how fast a model loads, computes a prompt and generates text, and how much memory it takes.")
        {
            _model, _prompt, _depth, _generate, _repeat, _sessions, _text, _draft, _threads, _ropeScaling, _cacheType,
        };
        foreach (Option option in (Option[])[.. _panelFile.All, _json])
            command.Options.Add(option);
        command.SetAction(RunAsync);
        return command;
    }

    private async Task<int> RunAsync(ParseResult result, CancellationToken cancellationToken)
    {
        string path = InputPath.RequireModel(result.GetRequiredValue(_model), host);
        string? text = result.GetValue(_text) is { } file ? await TextFile.ReadAsync(InputPath.Require(file), cancellationToken).ConfigureAwait(false) : null;
        var benchmark = new Benchmark(new BenchmarkPlan
        {
            PromptTokenCounts = result.GetRequiredValue(_prompt),
            DepthTokenCount = result.GetValue(_depth),
            GeneratedTokenCount = result.GetRequiredValue(_generate)!.Value,
            RepeatCount = result.GetRequiredValue(_repeat)!.Value,
            SessionCount = result.GetValue(_sessions),
            Text = text,
            DraftModel = result.GetValue(_draft),
            ThreadCount = result.GetValue(_threads),
            RopeScaling = result.GetValue(_ropeScaling),
            CacheType = result.GetValue(_cacheType),
            Loading = _panelFile.AddTo(new LlamaModelOptions(), result),
        });
        BenchmarkResult measured = await benchmark.RunAsync(path, host, cancellationToken).ConfigureAwait(false);
        if (result.GetValue(_json))
        {
            BenchmarkReport.WriteJson(path, measured, host.OutputStream);
        }
        else
        {
            BenchmarkReport.WriteTable(path, measured, host.Output);
        }

        return ExitCodes.Success;
    }
}
