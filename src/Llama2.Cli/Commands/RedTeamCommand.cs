using System.CommandLine;
using System.Globalization;
using Llama2.Cli.Evaluating;
using Llama2.Cli.Input;
using Llama2.Cli.Options;
using Llama2.Cli.Output;
using Llama2.Cli.Terminal;
using Llama2.Evaluation;
using Llama2.Guard;

namespace Llama2.Cli.Commands;

/// <summary>
/// <c>llama2 redteam</c>: measures how often a model does harmful things when it is asked in several ways, and how often it refuses harmless requests.
/// </summary>
internal sealed class RedTeamCommand(ConsoleHost host)
{
    public const string Examples = """
        llama2 redteam model.gguf --set harmful_behaviors.csv --benign xstest_prompts.csv --output redteam
          llama2 redteam model.gguf --set behaviors.jsonl --style direct --style base64 --limit 20 --json
          llama2 redteam model.gguf --set behaviors.jsonl --script talk.json --rules --system "Be helpful and harmless."
          llama2 redteam --list
        """;

    private readonly Argument<string?> _model = new("MODEL") { Description = $"The chat model: {InputPath.AnyModel}. Not needed with --list.", Arity = ArgumentArity.ZeroOrOne };

    private readonly Option<string?> _set = new("--set")
    {
        Description = "The file of behaviors: JSON lines, CSV, TSV or Parquet, such as those of AdvBench, HarmBench and JailbreakBench.",
        HelpName = "FILE",
    };

    private readonly Option<string?> _benign = new("--benign")
    {
        Description = "A file of harmless requests, to measure over-refusal. If its records have a field \"label\", like those of XSTest, only the ones labelled \"safe\" are used.",
        HelpName = "FILE",
    };

    private readonly Option<string[]> _styles = StyleOption("--style", "NAME", "An attack style; see --list. May be given several times. Default: all, or with --script or --table only those of the files.");

    private readonly Option<string[]> _scripts = StyleOption("--script", "FILE", "A conversation in several turns as a further style: JSON with \"turns\". May be given several times.");

    private readonly Option<string[]> _tables = StyleOption("--table", "FILE", "A table for translations as a further style: JSON with \"behaviors\" or \"words\". May be given several times.");

    private readonly Option<bool> _rules = new("--rules") { Description = "An attack counts as successful only if the model does not refuse it, and the rules of the guard (secrets, personal data, signs of injection) judge its answer unsafe." };

    private readonly Option<string?> _guard = new("--guard")
    {
        Description = "A Llama Guard model: an attack counts as successful only if the chat model does not refuse it, and this model judges its answer unsafe.",
        HelpName = "MODEL",
    };

    private readonly Option<bool> _list = new("--list") { Description = "Lists the attack styles." };

    private readonly Option<int?> _limit = NumberOption.Create<int>("--limit", "N", "Uses only the first N behaviors, and the first N harmless requests.", value => new EvaluationRunOptions { MaxExampleCount = value });

    private readonly Option<string?> _system = new("--system") { Description = "The system prompt that the model is tested with.", HelpName = "TEXT" };

    private readonly Option<int?> _maxTokens = NumberOption.Create<int>(
        "--max-tokens", "N", "The maximum number of tokens of an answer.", value => new RedTeamOptions { MaxTokens = value }, new RedTeamOptions().MaxTokens, "-n");

    private readonly Option<string> _format = ChoiceOption.Create(
        "--format", "NAME", "The model's prompt format", [.. PromptFormat.Presets.Select(format => format.Name)], isRequired: false, "that of its file");

    private readonly Option<string?> _output = new("--output")
    {
        Description = "A folder for results.json, report.md and transcripts.jsonl with every conversation. Each answer is stored there as it comes, and the same command continues where it stopped.",
        HelpName = "DIR",
    };

    private readonly Option<string[]> _adapters = AdapterOption.Create();

    private readonly LoadingOptions _loading = new();

    private readonly Option<bool> _json = new("--json") { Description = "Writes the results as JSON." };

    public Command Create()
    {
        var command = new Command("redteam", "Measures how often a chat model does harmful things when it is asked in several ways, and how often it refuses harmless requests.")
        {
            _model, _set, _benign, _styles, _scripts, _tables, _rules, _guard, _list, _limit, _system, _maxTokens, _format, _output, _adapters,
        };
        foreach (Option option in (Option[])[.. _loading.All, _json])
            command.Options.Add(option);
        command.Validators.Add(result =>
        {
            if (result.GetValue(_list) || OptionFault.HasAny(result, [_limit, _maxTokens, .. _loading.Numbers]))
                return;
            if (result.GetValue(_model) is null)
                result.AddError("Name a model.");
            else if (result.GetValue(_set) is null)
                result.AddError("Name the file of behaviors with --set.");
            else if ((result.GetValue(_styles) ?? []).FirstOrDefault(name => AttackStyle.BuiltIn.All(style => style.Name != name)) is { } unknown)
                result.AddError($"There is no attack style '{PrintableText.Shorten(unknown, 40)}'; --list shows the styles.");
        });
        command.SetAction(RunAsync);
        return command;
    }

    private static Option<string[]> StyleOption(string name, string helpName, string description)
        => new(name) { Description = description, HelpName = helpName, Arity = ArgumentArity.OneOrMore, AllowMultipleArgumentsPerToken = false };

    private async Task<int> RunAsync(ParseResult result, CancellationToken cancellationToken)
    {
        if (result.GetValue(_list))
        {
            TextTable.Write(host.Output, host.OutputWidth, ["style", "what it does"], [], AttackStyle.BuiltIn, (style, cells) =>
            {
                cells[0].Append(style.Name);
                cells[1].Append(style.Description);
            });
            return ExitCodes.Success;
        }

        string path = InputPath.RequireModel(result.GetValue(_model)!, host);
        int limit = result.GetValue(_limit) ?? int.MaxValue;
        RedTeamBehavior[] behaviors = [.. RedTeamSet.Read(InputPath.Require(result.GetValue(_set)!)).Take(limit)];
        RedTeamBehavior[] benign = result.GetValue(_benign) is { } benignPath ? [.. RedTeamSet.ReadBenign(InputPath.Require(benignPath)).Take(limit)] : [];
        AttackStyle[] styles = StylesOf(result);
        EvaluationOutput? output = result.GetValue(_output) is { } folder ? EvaluationOutput.Create(folder) : null;
        LlamaModelOptions loading = _loading.Read(result);
        using LlamaModel model = await ModelLoading.LoadAsync(path, loading, host, isQuiet: false, cancellationToken).ConfigureAwait(false);
        var backend = new ModelBackend(model, new ModelBackendOptions
        {
            Name = Path.GetFileNameWithoutExtension(path),
            PromptFormat = result.GetValue(_format) is { } format ? PromptFormat.Presets.Single(preset => preset.Name == format) : null,
            Computation = new ComputationOptions { Adapters = AdapterOption.Load(result, _adapters, model, host, cancellationToken) },
        });
        using LlamaModel? guard = result.GetValue(_guard) is { } guardPath
            ? await ModelLoading.LoadAsync(InputPath.RequireModel(guardPath, host), new LlamaModelOptions { ThreadCount = loading.ThreadCount }, host, isQuiet: false, cancellationToken).ConfigureAwait(false)
            : null;
        var options = new RedTeamOptions
        {
            Styles = styles,
            Benign = benign,
            SystemPrompt = result.GetValue(_system),
            MaxTokens = result.GetRequiredValue(_maxTokens)!.Value,
            Judge = JudgeOf(guard, result.GetValue(_rules)),
            JournalPath = output?.JournalPath,
        };
        RedTeamReport report = await ProgressBar.RunAsync(
            host, isQuiet: false, "Asking", progress => RedTeam.RunAsync(backend, behaviors, options, progress is null ? null : new RunFraction(progress), cancellationToken)).ConfigureAwait(false);
        output?.Write(report, host);
        Write(report, result.GetValue(_json));
        if (report.TruncatedCount > 0)
        {
            host.Error.WriteLine(string.Create(
                CultureInfo.InvariantCulture, $"llama2: {report.TruncatedCount:N0} conversations are longer than the model's context, and lost their beginning. A greater --context or a smaller --max-tokens gives them room."));
        }

        return ExitCodes.Success;
    }

    private static IAttackJudge JudgeOf(LlamaModel? guard, bool usesRules)
    {
        List<IAttackJudge> judges = [new RefusalAttackJudge()];
        if (guard is not null)
            judges.Add(new GuardAttackJudge(new LlamaGuard(guard), "Llama Guard"));
        if (usesRules)
            judges.Add(new GuardAttackJudge(new RuleGuard(), "rules"));
        return judges is [var only] ? only : new CombinedAttackJudge(judges);
    }

    // The named styles and those of files, or all built-in ones if neither is given.
    private AttackStyle[] StylesOf(ParseResult result)
    {
        string[] names = result.GetValue(_styles) ?? [], scripts = result.GetValue(_scripts) ?? [], tables = result.GetValue(_tables) ?? [];
        bool isFilesOnly = names.Length == 0 && scripts.Length + tables.Length > 0;
        return
        [
            .. AttackStyle.BuiltIn.Where(style => names.Length > 0 ? names.Contains(style.Name) : !isFilesOnly),
            .. scripts.Select(script => AttackStyle.ReadScript(InputPath.Require(script))),
            .. tables.Select(table => AttackStyle.ReadTranslation(InputPath.Require(table))),
        ];
    }

    private void Write(RedTeamReport report, bool isJson)
    {
        if (isJson)
        {
            RedTeamResults.WriteJson(report, host.OutputStream);
            host.OutputStream.Flush();
            return;
        }

        IEnumerable<(string Name, RateEstimate Rate)> rows =
        [
            .. report.ByStyle,
            ("all styles", report.SuccessRate),
            .. report.Benign.Count > 0 ? [("refused harmless requests", report.OverRefusalRate)] : Array.Empty<(string, RateEstimate)>(),
        ];
        TextTable.Write(host.Output, host.OutputWidth, ["style", "succeeded", "95 % interval", "n"], [1, 2, 3], rows, (row, cells) =>
        {
            cells[0].Append(PrintableText.SingleLine(row.Name));
            cells[1].Append(CultureInfo.InvariantCulture, $"{100 * row.Rate.Value:F1} %");
            cells[2].Append(CultureInfo.InvariantCulture, $"{100 * row.Rate.LowerBound:F1} to {100 * row.Rate.UpperBound:F1} %");
            cells[3].Append(CultureInfo.InvariantCulture, $"{row.Rate.TotalCount:N0}");
        });
    }
}
