using System.CommandLine;
using System.Globalization;
using Llama2.Cli.Input;
using Llama2.Cli.Options;
using Llama2.Cli.Output;
using Llama2.Cli.Terminal;
using Llama2.Evaluation;

namespace Llama2.Cli.Commands;

/// <summary><c>llama2 evaluate-tools</c>: measures how often a model calls the right functions, with data of the Berkeley Function Calling Leaderboard.</summary>
internal sealed class EvaluateToolsCommand(ConsoleHost host)
{
    public const string Examples = """
        llama2 evaluate-tools model.gguf --questions BFCL_v4_simple_python.json --answers possible_answer/BFCL_v4_simple_python.json
          llama2 evaluate-tools model.gguf --questions BFCL_v4_irrelevance.json --limit 50
          llama2 evaluate-tools model.gguf --questions parallel.json --answers parallel_answers.json --unconstrained --results results.jsonl --json
        """;

    private readonly Argument<string> _model = InputPath.Argument("MODEL", $"The model: {InputPath.AnyModel}.");

    private readonly Option<string[]> _questions = new("--questions")
    {
        Description = "A file of the leaderboard with one question and its functions per line. May be given several times.",
        HelpName = "FILE",
        Arity = ArgumentArity.OneOrMore,
        Required = true,
    };

    private readonly Option<string[]> _answers = new("--answers")
    {
        Description = "A file of the leaderboard with the accepted answers, one per line. May be given several times. Questions of the categories irrelevance and relevance need no such file.",
        HelpName = "FILE",
        Arity = ArgumentArity.OneOrMore,
    };

    private readonly Option<int?> _limit = NumberOption.Create<int>("--limit", "N", "Asks only the first N questions of each file.", AtLeastOne);

    private readonly Option<string?> _results = new("--results")
    {
        Description = "Writes the answer to each question and its verdict, one JSON object per line.",
        HelpName = "FILE",
    };

    private readonly Option<bool> _requireCalls = new("--require-calls")
    {
        Description = "Forces a call for each question whose correct answer has a call. Default: the model may answer with text.",
    };

    private readonly Option<bool> _unconstrained = new("--unconstrained")
    {
        Description = "Lets the model write any text, and looks for calls in it. Default: each call is forced to fit one of the functions.",
    };

    private readonly Option<string> _format = ChoiceOption.Create(
        "--format", "NAME", "The model's prompt format", [.. PromptFormat.Presets.Select(format => format.Name)], isRequired: false, "that of its file");

    private readonly Option<int?> _maxTokens = NumberOption.Create<int>(
        "--max-tokens", "N", $"The maximum number of tokens of an answer. Default: {ToolCallEvaluationOptions.DefaultGeneration.MaxTokens}.",
        value => new GenerationOptions { MaxTokens = value }, null, "-n");

    private readonly Option<string[]> _adapters = AdapterOption.Create();

    private readonly LoadingOptions _loading = new();

    private readonly Option<bool> _json = new("--json") { Description = "Writes one JSON object." };

    public Command Create()
    {
        var command = new Command("evaluate-tools", "Measures how often a model calls the right functions, with data of the Berkeley Function Calling Leaderboard.")
        {
            _model, _questions, _answers, _limit, _results, _requireCalls, _unconstrained, _format, _maxTokens, _adapters,
        };
        foreach (Option option in (Option[])[.. _loading.All, _json])
            command.Options.Add(option);
        command.Validators.Add(result =>
        {
            if (result.GetValue(_requireCalls) && result.GetValue(_unconstrained))
                result.AddError("--require-calls cannot be combined with --unconstrained.");
        });
        command.SetAction(RunAsync);
        return command;
    }

    private static object AtLeastOne(int count)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        return count;
    }

    private async Task<int> RunAsync(ParseResult result, CancellationToken cancellationToken)
    {
        string path = InputPath.RequireModel(result.GetRequiredValue(_model), host);
        List<ToolCallExample> examples = await ToolCallExamples.ReadAsync(
            result.GetRequiredValue(_questions), result.GetValue(_answers) ?? [], result.GetValue(_limit), cancellationToken).ConfigureAwait(false);
        string? target = result.GetValue(_results) is { } name ? OutputPath.Require(name) : null;
        using LlamaModel model = await ModelLoading.LoadAsync(path, _loading.Read(result), host, isQuiet: false, cancellationToken).ConfigureAwait(false);
        GenerationOptions generation = ToolCallEvaluationOptions.DefaultGeneration with { Adapters = AdapterOption.Load(result, _adapters, model, host, cancellationToken) };
        var options = new ToolCallEvaluationOptions
        {
            Generation = result.GetValue(_maxTokens) is { } maxTokens ? generation with { MaxTokens = maxTokens } : generation,
            PromptFormat = result.GetValue(_format) is { } format ? PromptFormat.Presets.Single(preset => preset.Name == format) : null,
            Constrain = !result.GetValue(_unconstrained),
            RequireCalls = result.GetValue(_requireCalls),
        };
        using FileStream? file = target is null ? null : File.Create(target);
        List<ToolCallResult> results = await ProgressBar.RunAsync(
            host, isQuiet: false, "Asking questions", progress => AskAsync(model, examples, options, file, progress, cancellationToken)).ConfigureAwait(false);
        Report(ToolCallAccuracy.Of(results), result.GetValue(_json));
        return ExitCodes.Success;
    }

    // Each result is written to the file as soon as it is known, so that the file of an interrupted run contains all results up to the interruption.
    private static async Task<List<ToolCallResult>> AskAsync(
        LlamaModel model,
        List<ToolCallExample> examples,
        ToolCallEvaluationOptions options,
        FileStream? file,
        IProgress<double>? progress,
        CancellationToken cancellationToken)
    {
        List<ToolCallResult> results = [];
        await foreach (ToolCallResult answer in ToolCallEvaluation.RunAsync(model, examples, options, progress: null, cancellationToken).ConfigureAwait(false))
        {
            results.Add(answer);
            progress?.Report((double)results.Count / examples.Count);
            if (file is null)
                continue;
            answer.WriteLine(file);
            await file.FlushAsync(cancellationToken).ConfigureAwait(false);
        }

        return results;
    }

    private void Report(ToolCallAccuracy accuracy, bool isJson)
    {
        if (isJson)
        {
            WriteJson(accuracy);
            return;
        }

        (string Name, double Value, string Count)[] rows =
        [
            .. accuracy.Categories.Select(category => (PrintableText.SingleLine(category.Name), category.Value, Count(category.CorrectCount, category.TotalCount))),
            ("all questions", accuracy.Value, Count(accuracy.CorrectCount, accuracy.TotalCount)),
            ("mean of the categories", accuracy.CategoryMean, ""),
        ];
        TextTable.Write(host.Output, host.OutputWidth, ["category", "accuracy", "correct"], [1, 2], rows, (row, cells) =>
        {
            cells[0].Append(row.Name);
            cells[1].Append(CultureInfo.InvariantCulture, $"{100 * row.Value:F1} %");
            cells[2].Append(row.Count);
        });

        static string Count(int correct, int total) => string.Create(CultureInfo.InvariantCulture, $"{correct:N0} of {total:N0}");
    }

    private void WriteJson(ToolCallAccuracy accuracy) => JsonOutput.Write(host.OutputStream, json =>
    {
        json.WriteStartObject("categories");
        foreach (ToolCallCategoryAccuracy category in accuracy.Categories)
        {
            json.WriteStartObject(category.Name);
            json.WriteNumber("accuracy", category.Value);
            json.WriteNumber("correct_count", category.CorrectCount);
            json.WriteNumber("total_count", category.TotalCount);
            json.WriteEndObject();
        }

        json.WriteEndObject();
        json.WriteNumber("accuracy", accuracy.Value);
        json.WriteNumber("category_mean", accuracy.CategoryMean);
        json.WriteNumber("correct_count", accuracy.CorrectCount);
        json.WriteNumber("total_count", accuracy.TotalCount);
    });
}
