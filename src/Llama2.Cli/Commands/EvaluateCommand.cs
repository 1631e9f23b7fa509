using System.CommandLine;
using System.CommandLine.Parsing;
using Llama2.Cli.Evaluating;
using Llama2.Cli.Input;
using Llama2.Cli.Options;
using Llama2.Cli.Output;
using Llama2.Cli.Terminal;
using Llama2.Evaluation;

namespace Llama2.Cli.Commands;

/// <summary><c>llama2 evaluate</c>: measures a model with benchmarks, as lm-evaluation-harness defines them.</summary>
internal sealed class EvaluateCommand(ConsoleHost host)
{
    public const string Examples = """
        llama2 evaluate --list
          llama2 evaluate model.gguf --task mmlu --data mmlu-data --limit 50
          llama2 evaluate model.gguf --task hellaswag --task arc_challenge --data data --output results
          llama2 evaluate model.gguf --task my-task.yaml --data my-data --chat --shots 3 --json
          llama2 evaluate --task mmlu --data mmlu-data --recorded recorded.json --json
        """;

    private readonly Argument<string?> _model = new("MODEL")
    {
        Description = $"The model: {InputPath.AnyModel}. Not needed with --list and --recorded.",
        Arity = ArgumentArity.ZeroOrOne,
    };

    private readonly Option<string[]> _tasks = new("--task")
    {
        Description = "A built-in task or group (see --list), or a task file of lm-evaluation-harness in YAML, or a folder of such files. May be given several times.",
        HelpName = "NAME|FILE",
        Arity = ArgumentArity.OneOrMore,
        AllowMultipleArgumentsPerToken = false,
    };

    private readonly Option<string?> _data = new("--data")
    {
        Description = "The folder of the data sets, in the form in which the Hugging Face hub or their authors publish them, or the name of a pulled data set.",
        HelpName = "DIR|NAME",
    };

    private readonly Option<bool> _list = new("--list") { Description = "Lists the built-in tasks and groups." };

    private readonly Option<string?> _recorded = new("--recorded")
    {
        Description = "Scores recorded log-likelihoods of MMLU's choices instead of those of a model; for --task mmlu.",
        HelpName = "FILE",
    };

    private readonly Option<int?> _limit = NumberOption.Create<int>("--limit", "N", "Evaluates only the first N examples of each task.", value => new EvaluationRunOptions { MaxExampleCount = value });

    private readonly Option<int?> _shots = NumberOption.Create<int>(
        "--shots", "N", "The number of few-shot examples (questions with their answers) before each question, 0 to 100. Default: each task's usual number.", value => new BuiltInTaskOptions { FewShotCount = value });

    private readonly Option<bool> _chat = new("--chat") { Description = "Asks in the model's prompt format, as a conversation; for chat models. Default: plain text that the model continues, except in xstest and advbench." };

    private readonly Option<bool> _turns = new("--shots-as-turns") { Description = "With --chat: each few-shot example is a turn of the conversation. Default: all are part of the user's message." };

    private readonly Option<string?> _system = new("--system") { Description = "The system prompt, or the text before everything else without --chat.", HelpName = "TEXT" };

    private readonly Option<int?> _maxTokens = NumberOption.Create<int>(
        "--max-tokens", "N", "The maximum number of tokens of a generated answer. Default: each task's usual number.", value => new BuiltInTaskOptions { MaxTokens = value }, null, "-n");

    private readonly Option<string?> _output = new("--output")
    {
        Description = "A folder for the results: results.json and samples as lm-evaluation-harness writes them, report.html, report.md. Each answer is stored there as it comes, and the same command continues where it stopped.",
        HelpName = "DIR",
    };

    private readonly Option<bool> _noBeginOfSequence = new("--no-bos") { Description = "Plain prompts do not begin with the begin-of-sequence token. Default: they do if the model's vocabulary says so." };

    private readonly Option<int?> _seed = NumberOption.Create<int>("--seed", "N", "The seed of sampled answers.", NotNegative, (int)new ModelBackendOptions().Seed);

    private readonly Option<int?> _concurrent = NumberOption.Create<int>(
        "--concurrent", "N", "The number of examples that are computed at the same time, 1 to 1,024. Results do not depend on it.", value => new EvaluationRunOptions { ConcurrentExampleCount = value },
        new EvaluationRunOptions().ConcurrentExampleCount);

    private readonly Option<string[]> _adapters = AdapterOption.Create();

    private readonly LoadingOptions _loading = new();

    private readonly Option<bool> _json = new("--json") { Description = "Writes the results as JSON, in lm-evaluation-harness' form." };

    public Command Create()
    {
        var command = new Command("evaluate", "Measures a model with benchmarks, such as MMLU, HellaSwag and GSM8K, and with task files of lm-evaluation-harness.")
        {
            _model, _tasks, _data, _list, _recorded, _limit, _shots, _chat, _turns, _system, _maxTokens, _output, _noBeginOfSequence, _seed, _concurrent,
            _adapters,
        };
        foreach (Option option in (Option[])[.. _loading.All, _json])
            command.Options.Add(option);
        command.Validators.Add(Check);
        command.SetAction(RunAsync);
        return command;
    }

    private static object NotNegative(int value)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(value);
        return value;
    }

    private bool IsForRecorded(Option option) => option == _recorded || option == _tasks || option == _data || option == _json;

    private void Check(CommandResult result)
    {
        if (result.GetValue(_list) || OptionFault.HasAny(result, [_limit, _shots, _maxTokens, _seed, _concurrent, .. _loading.Numbers]))
            return;
        bool isRecorded = result.GetValue(_recorded) is not null;
        string[] tasks = result.GetValue(_tasks) ?? [];
        if (tasks.Length == 0)
            result.AddError("Name a task with --task; --list shows the built-in ones.");
        else if (result.GetValue(_data) is null)
            result.AddError("Name the folder of the data sets with --data.");
        else if (isRecorded && tasks is not ["mmlu"])
            result.AddError("--recorded is for --task mmlu.");
        else if (isRecorded == (result.GetValue(_model) is not null))
            result.AddError(isRecorded ? "--recorded replaces MODEL; give only one of them." : "Name a model.");
        else if (isRecorded && result.Children.OfType<OptionResult>().FirstOrDefault(other => !other.Implicit && !IsForRecorded(other.Option)) is { } unused)
            result.AddError($"--recorded needs only --task, --data and --json; omit {unused.Option.Name}.");
        else if (result.GetValue(_turns) && !result.GetValue(_chat))
            result.AddError("--shots-as-turns needs --chat.");
    }

    private async Task<int> RunAsync(ParseResult result, CancellationToken cancellationToken)
    {
        if (result.GetValue(_list))
        {
            TaskList.Write(host, result.GetValue(_json));
            return ExitCodes.Success;
        }

        DataFolder data = EvaluationData.Open(result.GetValue(_data)!, host);
        if (result.GetValue(_recorded) is { } recorded)
        {
            IReadOnlyList<RecordedMmluResult> results = await RecordedMmlu.ScoreAsync(InputPath.Require(recorded), data, cancellationToken).ConfigureAwait(false);
            RecordedResults.Write(host, results, result.GetValue(_json));
            return ExitCodes.Success;
        }

        string path = InputPath.RequireModel(result.GetValue(_model)!, host);
        // Tasks are read before the model is loaded, so that a missing file is reported at once.
        EvaluationTaskSet tasks = await ProgressBar.RunAsync(
            host, isQuiet: false, "Reading tasks", _ => Task.Run(() => TaskSelection.Load(result.GetValue(_tasks)!, data, ToTaskOptions(result), line => host.Error.WriteLine(PrintableText.SingleLine($"llama2: {line}"))), cancellationToken)).ConfigureAwait(false);
        EvaluationOutput? output = result.GetValue(_output) is { } folder ? EvaluationOutput.Create(folder) : null;
        using LlamaModel model = await ModelLoading.LoadAsync(path, _loading.Read(result), host, isQuiet: false, cancellationToken).ConfigureAwait(false);
        ulong seed = (ulong)result.GetRequiredValue(_seed)!.Value;
        var backend = new ModelBackend(model, new ModelBackendOptions
        {
            Name = Path.GetFileNameWithoutExtension(path),
            AddBeginOfSequence = result.GetValue(_noBeginOfSequence) ? false : null,
            Seed = seed,
            Computation = new ComputationOptions { Adapters = AdapterOption.Load(result, _adapters, model, host, cancellationToken) },
        });
        var options = new EvaluationRunOptions
        {
            MaxExampleCount = result.GetValue(_limit),
            ConcurrentExampleCount = result.GetRequiredValue(_concurrent)!.Value,
            Groups = tasks.Groups,
            JournalPath = output?.JournalPath,
        };
        EvaluationReport report = await ProgressBar.RunAsync(
            host, isQuiet: false, "Evaluating", progress => EvaluationRunner.RunAsync(backend, tasks.Tasks, options, progress is null ? null : new RunFraction(progress), cancellationToken)).ConfigureAwait(false);
        report = report with { Seed = seed };
        output?.Write(report, host);
        EvaluationTable.Write(host, report, result.GetValue(_json));
        return ExitCodes.Success;
    }

    private BuiltInTaskOptions ToTaskOptions(ParseResult result) => new()
    {
        FewShotCount = result.GetValue(_shots),
        UsesChat = result.GetValue(_chat) ? true : null,
        FewShotsAreTurns = result.GetValue(_turns),
        SystemPrompt = result.GetValue(_system),
        MaxTokens = result.GetValue(_maxTokens),
    };
}
