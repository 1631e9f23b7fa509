using System.CommandLine;
using Llama2.Cli.Evaluating;
using Llama2.Cli.Input;
using Llama2.Cli.Output;
using Llama2.Cli.Terminal;
using Llama2.Evaluation;
using Llama2.Formats;

namespace Llama2.Cli.Commands;

/// <summary><c>llama2 compare</c>: tests whether two models that were evaluated with the same tasks differ.</summary>
internal sealed class CompareCommand(ConsoleHost host)
{
    public const string Examples = """
        llama2 compare small/results.json large/results.json
          llama2 compare small large --html differences.html
          llama2 compare small large --json
        """;

    private readonly Argument<string> _first = CreateArgument("A", "The results of the first model: the results.json of llama2 evaluate --output or of lm-evaluation-harness, with the samples beside it, or its folder.");

    private readonly Argument<string> _second = CreateArgument("B", "The results of the second model, with the same tasks and data.");

    private readonly Option<string?> _html = new("--html") { Description = "Also writes a page with charts, tables, and the examples that only one model answers correctly.", HelpName = "FILE" };

    private readonly Option<bool> _json = new("--json") { Description = "Writes the differences as JSON." };

    private readonly Option<bool> _markdown = new("--markdown") { Description = "Writes the differences as a table in Markdown." };

    public Command Create()
    {
        var command = new Command("compare", "Compares two models that were evaluated with the same tasks: differences with confidence intervals and tests that pair the answers to each question.")
        {
            _first, _second, _html, _json, _markdown,
        };
        command.Validators.Add(result =>
        {
            if (result.GetValue(_json) && result.GetValue(_markdown))
                result.AddError("--json and --markdown are two forms of the same output; give one of them.");
        });
        command.SetAction((result, cancellationToken) => Task.Run(() => Run(result), cancellationToken));
        return command;
    }

    private static Argument<string> CreateArgument(string name, string description)
    {
        var argument = new Argument<string>(name) { Description = description };
        argument.Validators.Add(result => Suggestion.RefuseOption(result));
        return argument;
    }

    private int Run(ParseResult result)
    {
        string? html = result.GetValue(_html) is { } path ? OutputPath.Try(path) : null;
        var comparison = EvaluationComparison.Compare(Read(result.GetRequiredValue(_first)), Read(result.GetRequiredValue(_second)));
        if (html is not null)
        {
            using (var file = new AtomicFile(html, 1 << 16))
            {
                HtmlReport.Write(comparison, file.Stream);
                file.Commit();
            }

            host.Error.WriteLine(PrintableText.SingleLine($"llama2: wrote the page '{html}'"));
        }

        if (result.GetValue(_json))
            ComparisonOutput.WriteJson(host, comparison);
        else if (result.GetValue(_markdown))
            MarkdownReport.Write(comparison, host.Output);
        else
            ComparisonOutput.WriteTable(host, comparison);
        return ExitCodes.Success;
    }

    private static EvaluationReport Read(string path)
        => HarnessResults.Read(InputPath.Require(Directory.Exists(path) ? Path.Combine(path, "results.json") : path));
}
